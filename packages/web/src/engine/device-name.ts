// What this browser is called among the owner's devices, until somebody gives it another name.

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/(?:Chrome|CriOS|Chromium)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "Mac"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

/** A name that its owner recognises, such as `Firefox, Windows`. */
export function deviceNameOf(userAgent: string): string {
  const found = [BROWSERS, SYSTEMS].flatMap((kinds) => kinds.find(([sign]) => sign.test(userAgent))?.slice(1) ?? []);
  return found.length === 0 ? "Browser" : found.join(", ");
}
