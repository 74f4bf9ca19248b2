"""Documents whose text would like to be more than text."""

from __future__ import annotations

LONG_WORD = "Wort" * 1_250
TURNED, STRAIGHT = "\u202e", "\u202c"
ARABIC = "\u0627\u0644\u0633\u0627\u0639\u0629"
UNSEEN = "\u200b"  # zero-width space

FILES = {
    "script.txt": """Recipe <script>document.title = "taken"</script> for walnut bread

The walnut bread of the mill at Useldange needs three hundred grams of
<script>alert("text")</script> walnuts. "><img src=x onerror=alert(1)> <svg onload=alert(2)>
<a href="javascript:alert(3)">Bake</a> it for forty minutes.
</blockquote></article></main><style>* { display: none }</style>
""",
    "long.txt": f"""Das längste Wort der Mühle

Der Müller von Beckerich schrieb einmal ein Wort mit fünftausend Buchstaben an das Mühlrad:
{LONG_WORD}
und niemand konnte es in einem Atemzug lesen.
""",
    "rtl.txt": f"""{TURNED}The clock of the village{STRAIGHT} of Vianden

The clock tower of Vianden bears the inscription {TURNED}evol fo emit eht{STRAIGHT} and {ARABIC}.
It was repaired in 1932 by a clockmaker from Haifa.
""",
    "invisible.txt": f"""The in{UNSEEN}visible fer{UNSEEN}ry of Wasser\u2060billig

The fer{UNSEEN}ry between Wasser{UNSEEN}billig and Ober\u00adbillig carries at most six cars\ufeff
and takes four min\u200cutes. It is said that 1,400 bi{UNSEEN}cycles cross every summer.
""",
}
