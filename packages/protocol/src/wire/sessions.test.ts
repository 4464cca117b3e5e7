import { expect, it } from "vitest";
import { ADDRESS, checkShape, lineOf, NO_TIME, noBytes, statementOf, TIME, zeros } from "../../test/shape-checks.ts";
import * as sessions from "./sessions.ts";

it("has the endpoints of protocol section 5", () => {
  expect(Object.fromEntries(Object.entries(sessions).map(([name, endpoint]) => [name, lineOf(endpoint)]))).toEqual({
    getSessionChallenge: "GET create_session/{address} anyone, nothing -> usual json, 65536",
    createSession: "POST create_session/{address} anyone, json -> usual json, 65536",
    destroySession: "POST destroy_session session, nothing -> usual nothing, 65536",
  });
});

it("gives challenges and sessions", () => {
  checkShape(sessions.getSessionChallenge.params, { address: ADDRESS }, { address: { refuses: ["alice", 1] } });
  checkShape(
    sessions.getSessionChallenge.answer,
    { token: zeros(32), expires_at: TIME },
    {
      token: { refuses: noBytes(32) },
      expires_at: { refuses: NO_TIME },
    },
  );
  checkShape(sessions.createSession.body, statementOf(4_096), {
    data: { takes: [""], refuses: [1, "x".repeat(4_097)] },
    signature: { refuses: noBytes(64) },
  });
  checkShape(
    sessions.createSession.answer,
    { authentication_token: zeros(32), expires_at: TIME, local: true },
    {
      authentication_token: { refuses: noBytes(32) },
      expires_at: { refuses: NO_TIME },
      local: { takes: [false], refuses: [null, "true"] },
    },
  );
});
