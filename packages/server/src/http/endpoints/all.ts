import type { Services } from "../../services.ts";
import type { Handlers } from "../endpoint.ts";
import { accountEndpoints } from "./account.ts";
import { avatarEndpoints } from "./avatar.ts";
import { blobEndpoints } from "./blob.ts";
import { changesEndpoints } from "./changes.ts";
import { deviceLinkEndpoints } from "./device-links.ts";
import { folderEndpoints } from "./folders.ts";
import { getMessageKeyEndpoints } from "./get-message-key.ts";
import { getUserEndpoints } from "./get-user.ts";
import { keystoreEndpoints } from "./keystore.ts";
import { listEndpoints } from "./lists.ts";
import { messageKeyEndpoints } from "./message-keys.ts";
import { messageEndpoints } from "./messages.ts";
import { movingEndpoints } from "./moving.ts";
import { quotaEndpoints } from "./quota.ts";
import { sendMessageEndpoints } from "./send-message.ts";
import { serverEndpoints } from "./server.ts";
import { sessionEndpoints } from "./session.ts";

/** Every endpoint's handler. The one place where the whole of the services is seen: each group takes what it names. */
export function allHandlers(services: Services): Handlers {
  return {
    ...serverEndpoints(services),
    ...getUserEndpoints(services),
    ...accountEndpoints(services),
    ...movingEndpoints(services),
    ...sessionEndpoints(services),
    ...messageKeyEndpoints(services),
    ...getMessageKeyEndpoints(services),
    ...blobEndpoints(services),
    ...sendMessageEndpoints(services),
    ...folderEndpoints(services),
    ...messageEndpoints(services),
    ...changesEndpoints(services),
    ...quotaEndpoints(services),
    ...keystoreEndpoints(services),
    ...listEndpoints(services),
    ...avatarEndpoints(services),
    ...deviceLinkEndpoints(services),
  };
}
