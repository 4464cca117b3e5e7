import { describe, expect, test } from "vitest";
import { isProgram, safeFileName } from "./file-names.ts";

describe("the name that a file is stored under", () => {
  test.each([
    ["report.pdf", "report.pdf"],
    ["Grüße aus Köln.txt", "Grüße aus Köln.txt"],
    ["写真.png", "写真.png"],
    ["../../etc/passwd", "etc_passwd"],
    ["C:\\Windows\\system32\\cmd.exe", "C_Windows_system32_cmd.exe"],
    ["a\u0000b\nc.txt", "a b c.txt"],
    ["photo\u202Egnp.exe", "photo gnp.exe"],
    ["x\u2066y\u2069z\u200e.txt", "x y z .txt"],
    [".bashrc", "bashrc"],
    ["...", "file"],
    ["", "file"],
    ["   ", "file"],
    ["CON", "_CON"],
    ["nul.txt", "_nul.txt"],
    ["trailing. . ", "trailing"],
    ['a|b<c>d?e*f"g.txt', "a_b_c_d_e_f_g.txt"],
    ["slash\u2044and\uff0f.txt", "slash_and_.txt"],
    ["%2e%2e%2fpasswd", "2e_2e_2fpasswd"],
  ])("%j becomes %j", (name, safe) => {
    expect(safeFileName(name, "file")).toBe(safe);
  });

  test("is short, and keeps its ending", () => {
    const safe = safeFileName(`${"long ".repeat(100)}.pdf`, "file");
    expect(Array.from(safe).length).toBeLessThanOrEqual(120);
    expect(safe).toMatch(/….pdf$/);
  });

  test("tells of what may run", () => {
    for (const name of ["a.exe", "photo.png.scr", "page.HTML", "x.svg", "run.sh", "a.lnk"]) expect(isProgram(name)).toBe(true);
    for (const name of ["a.pdf", "exe", "photo.png", "a.docx", "a.txt"]) expect(isProgram(name)).toBe(false);
  });
});
