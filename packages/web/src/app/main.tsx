// Where the views begin. The engine has begun before: see start.ts.
import { createRoot } from "react-dom/client";
import "../styles/base.css";
import { App } from "./app.tsx";
import { EngineProvider } from "./engine.tsx";
import { takeInvite } from "./invite.ts";
import { keepDroppedFilesOut } from "./dropping.ts";
import { followed } from "./start.ts";

keepDroppedFilesOut();
const place = document.getElementById("app");
if (place !== null) {
  createRoot(place).render(
    <EngineProvider followed={followed}>
      <App invite={takeInvite(location)} />
    </EngineProvider>,
  );
}
