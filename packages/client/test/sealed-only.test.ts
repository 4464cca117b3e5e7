import { describe, expectTypeOf, test } from "vitest";
import type { Api, JsonEndpoint } from "../src/api.ts";
import type { SealedEnvelope } from "@smimp/protocol";

describe("a plaintext can't be sent", () => {
  test("the transport takes nothing but what was sealed", () => {
    expectTypeOf<Parameters<Api["sendMessage"]>[1]>().toEqualTypeOf<SealedEnvelope>();
    expectTypeOf<{ statement: { data: string; signature: string }; messageId: string; document: object }>().not.toExtend<SealedEnvelope>();
    expectTypeOf<"sendMessage">().not.toExtend<JsonEndpoint>();
    expectTypeOf<"putBlob">().not.toExtend<JsonEndpoint>();
  });
});
