const times = (text: string, count: number): string => text.repeat(count);

/** Texts that stand on one line: subjects, and names of people. */
export const HOSTILE_LINES: readonly string[] = [
  "<script>hacked()</script>",
  "<img src=https://tracker.example/x onerror=hacked()>",
  '"><svg onload=hacked()>',
  "javascript:hacked()",
  "[click](javascript:hacked())",
  "![](https://tracker.example/pixel.png)",
  "{{constructor.constructor('hacked()')()}}",
  "invoice\u202Efdp.exe",
  "\u2067\u202Ealice#alpha.example\u202C\u2069",
  "two\nlines\r\nof\u2028a\u2029subject",
  "\u0000\u0001\u0007\u001b[31mcontrol",
  `Z${times("\u0301\u0489", 400)}algo`,
  times("W", 900),
  times("\u200b", 200),
  "alice#alpha.example ✅ verified",
  "bаnk.example",
  "=?utf-8?B?PHNjcmlwdD4=?= %3Cscript%3E &lt;script&gt;",
  "constructor",
  "__proto__",
];

/** Names of attachments that the protocol lets through, with types that don't fit them. */
export const HOSTILE_FILES: readonly { readonly name: string; readonly mediaType: string; readonly content: string }[] = [
  {
    name: "photo.png",
    mediaType: "image/png",
    content: "<svg xmlns='http://www.w3.org/2000/svg' onload='hacked()'><script>hacked()</script></svg>",
  },
  { name: "photo.jpg", mediaType: "image/jpeg", content: "<!doctype html><script>hacked()</script>" },
  { name: "drawing.svg", mediaType: "image/svg+xml", content: "<svg xmlns='http://www.w3.org/2000/svg' onload='hacked()'/>" },
  { name: "page.html", mediaType: "text/html", content: "<script>hacked()</script>" },
  { name: "report.pdf.exe", mediaType: "application/pdf", content: "MZ" },
  { name: "report.pdf\u200e\u200f.scr", mediaType: "application/pdf", content: "MZ" },
  { name: "...hidden", mediaType: "text/plain", content: "x" },
  { name: "CON.txt", mediaType: "text/plain", content: "x" },
  { name: "<img src=x onerror=hacked()>.txt", mediaType: "text/plain", content: "x" },
  { name: `${times("long ", 45)}.txt`, mediaType: "text/plain", content: "x" },
  { name: "\u2044\u2044etc\u2044passwd", mediaType: "text/plain", content: "x" },
  { name: "data:text,html", mediaType: "text/plain", content: "x" },
];

/** A PNG that says it has more pixels than any memory, and a GIF that ends before it begins. */
export const HOSTILE_PICTURES: readonly { readonly name: string; readonly mediaType: string; readonly content: readonly number[] }[] = [
  {
    name: "bomb.png",
    mediaType: "image/png",
    content: [137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0x7f, 255, 255, 255, 0x7f, 255, 255, 255, 8, 6, 0, 0, 0],
  },
  { name: "half.gif", mediaType: "image/gif", content: [71, 73, 70, 56, 57, 97, 10, 0, 10, 0, 0x80, 0, 0] },
];
