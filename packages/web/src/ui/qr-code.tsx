import { encodeQR } from "qr";
import { useMemo, type ReactNode } from "react";
import classes from "./qr-code.module.css";

/** Modules of light around a code, without which cameras don't find it. */
const QUIET = 4;

/** A text as a QR code: dark on light in either theme, as cameras want it. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { size, path } = useMemo(() => draw(text), [text]);
  return (
    <svg className={classes["code"]} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect className={classes["light"]} width={size} height={size} />
      <path className={classes["dark"]} d={path} />
    </svg>
  );
}

function draw(text: string): { readonly size: number; readonly path: string } {
  const rows = encodeQR(text, "raw", { border: QUIET, ecc: "medium" });
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return { size: rows.length, path };
}
