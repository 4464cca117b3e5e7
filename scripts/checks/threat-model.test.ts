import { describe, expect, it } from "vitest";
import { testTitles } from "./test-titles.ts";
import { promisesOf, unshownPromises, type Found } from "./threat-model.ts";

describe("titles of tests", () => {
  it.each<[string, readonly string[]]>([
    ["it('a', () => {}); test(`b`, () => {});", ["a", "b"]],
    ["describe('a', () => { it('b', () => {}); });", ["a", "b"]],
    ["describe('a', () => { helper(); });", []],
    ["describe.concurrent('a', () => { it.only('b', () => {}); });", ["a", "b"]],
    ["// it('a', () => {});\n/* it('b', () => {}); */ const c = \"it('c', () => {})\";", []],
    ["it.skip('a', () => {}); it.todo('b'); it.fails('c', () => {}); xit('d', () => {});", []],
    ["it.skipIf(true)('a', () => {}); it.runIf(false)('b', () => {});", []],
    ["it('a', { skip: true }, () => {}); it('b', (context) => context.skip());", []],
    ["describe.skip('a', () => { it('b', () => {}); });", []],
    ["describe('a', () => { it.skip('b', () => {}); });", []],
    ["it.skip.each([1])('a %i', () => {}); /x/.test('b'); other('c');", []],
    ["it.each([['x', 1], ['y', f()]] as const)('%s is %j', () => {});", ["x is 1", "y is …"]],
    ["it.each<string>(['x', 'y'])('is %s', () => {});", ["is x", "is y"]],
    ["it.each([{ name: 'x' }])('is $name', () => {});", ["is x"]],
    ["const list = ['w']; { const list = ['x']; it.each(list)('is %s', () => {}); }", ["is x"]],
    ["it.each(listOf())('is %s, always', () => {});", ["is …, always"]],
    ["it(`in ${count} rounds`, () => {}); it(title, () => {});", ["in … rounds", "…"]],
  ])("in %j", (text, titles) => expect(testTitles(text)).toEqual(titles));
});

describe("the threat model", () => {
  const files: Readonly<Record<string, Found>> = {
    "packages/a.test.ts": { text: 'it("holds", () => {}); // it("once held")\nit.skip("is gone", () => {});' },
    "packages/a.ts": { text: 'it("holds", () => {});' },
    vectors: { files: 2 },
    empty: { files: 0 },
  };
  const list = (row: string): string => `| | shown by |\n| --- | --- |\n${row}`;
  const faults = (row: string): number => unshownPromises("docs/threat-model.md", list(row), (path) => files[path] ?? null).length;

  it("is read in both of its forms", () => {
    expect(promisesOf(list("| can read | |\n| can't read | x |\n| can't, at night, write | y |"))).toMatchObject({
      promises: [
        { line: 4, shownBy: "x" },
        { line: 5, shownBy: "y" },
      ],
      faults: [],
    });
    const thieves = "| has | can | can't | shown by |\n| --- | --- | --- | --- |\n";
    expect(promisesOf(`${thieves}| a key | open | can't read | x |\n| all | read | | |`)).toMatchObject({
      promises: [{ line: 3, says: "can't read", shownBy: "x" }],
      faults: [],
    });
    expect(promisesOf(`${thieves}| a key | open | reads nothing | x |`).faults).toHaveLength(1);
    expect(promisesOf("| | proof |\n| --- | --- |\n| can't read | x |").faults).toHaveLength(1);
  });

  it.each([
    ["| can see | |", 0],
    ["| sees all | |", 0],
    ['| can\'t see | [a](../packages/a.test.ts) "holds" |', 0],
    ['| can\'t, once gone, see | [a](../packages/a.test.ts) "hold" |', 0],
    ['| can\'t see | [v](../vectors), [a](../packages/a.test.ts) "holds" |', 0],
    ["| nobody can see | |", 1],
    ["| can see, but can't hear | |", 1],
    ["| can't see | |", 1],
    ["| can't, once gone, see | |", 1],
    ["| can't see | [v](../vectors) |", 1],
    ["| can't see | [a](../packages/a.test.ts) |", 2],
    ['| can\'t see | [b](../packages/b.test.ts) "holds" |', 1],
    ['| can\'t see | [a](../packages/a.ts) "holds" |', 1],
    ['| can\'t see | [a](../packages/a.test.ts) "holds", "once held" |', 1],
    ['| can\'t see | [a](../packages/a.test.ts) "is gone" |', 1],
    ['| can\'t see | [e](../empty), [a](../packages/a.test.ts) "holds" |', 1],
    ['| can\'t see | [v](../vectors) "holds" |', 1],
  ])("%s has %i faults", (row, expected) => expect(faults(row)).toBe(expected));
});
