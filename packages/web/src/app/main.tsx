// Where the page begins: the engine starts beside it, then the views are drawn.
import { createRoot } from "react-dom/client";
import engineUrl from "../engine/worker.ts?worker&url";
import { connectEngine } from "../engine/connect.ts";
import "../styles/base.css";
import { scriptUrl } from "../trusted.ts";
import { App } from "./app.tsx";
import { EngineProvider } from "./engine.tsx";
import { takeInvite } from "./invite.ts";
import { followTheme } from "./theme.ts";

followTheme();
const engine = connectEngine(new Worker(scriptUrl(engineUrl), { type: "module", name: "engine" }));
const place = document.getElementById("app");
if (place !== null) {
  createRoot(place).render(
    <EngineProvider engine={engine}>
      <App invite={takeInvite(location)} />
    </EngineProvider>,
  );
}
