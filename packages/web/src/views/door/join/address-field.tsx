import { useEffect, useState, type ReactNode, type Ref } from "react";
import { useEngine } from "../../../app/engine.tsx";
import type { Chance } from "../../../engine/calls/joining.ts";
import { useMessages } from "../../../messages/messages.tsx";
import { Icon } from "../../../ui/icon.tsx";
import { Field } from "../../../ui/field.tsx";
import { Select } from "../../../ui/select.tsx";
import classes from "./address-field.module.css";

/** A server is asked whether an address is free once nothing was typed for so long, milliseconds. */
const PAUSE = 350;

/** The field for a new address, which says while one types whether it can be had. */
export function AddressField({
  invite,
  domains,
  local,
  onLocal,
  domain,
  onDomain,
  error,
  inputRef,
}: {
  readonly invite: string;
  readonly domains: readonly string[];
  readonly local: string;
  readonly onLocal: (local: string) => void;
  /** Null until it is known. */
  readonly domain: string | null;
  readonly onDomain: (domain: string) => void;
  readonly error: string | null;
  readonly inputRef: Ref<HTMLInputElement>;
}): ReactNode {
  const { name } = useMessages().door;
  const address = `${local.trim().toLowerCase()}#${domain ?? ""}`;
  const chance = useChance(invite, local.trim() === "" || domain === null ? null : address);
  const fault = chance === "taken" ? name.taken(address) : chance === "not-allowed" ? name.notAllowed : error;
  return (
    <div className={classes["field"]}>
      <div className={classes["parts"]}>
        <Field
          label={name.address}
          help={name.addressHelp}
          value={local}
          onChange={onLocal}
          error={fault}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck="false"
          maxLength={64}
          inputRef={inputRef}
          autoFocus
          {...(domains.length > 1 ? {} : { suffix: `#${domain ?? "…"}` })}
        />
        {domains.length > 1 ? (
          <Select
            label={name.domain}
            value={domain ?? ""}
            options={domains.map((each) => ({ value: each, label: `#${each}` }))}
            onChange={onDomain}
          />
        ) : null}
      </div>
      <p className={classes["chance"]} role="status">
        {chance === "free" && fault === null ? (
          <>
            <Icon name="check" size={16} />
            {name.free(address)}
          </>
        ) : null}
      </p>
    </div>
  );
}

/** What can be said of an address, once it is known. */
function useChance(invite: string, address: string | null): Chance {
  const engine = useEngine();
  const [known, setKnown] = useState<{ readonly address: string; readonly chance: Chance } | null>(null);
  useEffect(() => {
    if (address === null) return undefined;
    let wanted = true;
    const timer = setTimeout(() => {
      engine.call("door.chance", [invite, address]).then(
        (chance) => (wanted ? setKnown({ address, chance }) : undefined),
        () => undefined,
      );
    }, PAUSE);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [engine, invite, address]);
  return known !== null && known.address === address ? known.chance : null;
}
