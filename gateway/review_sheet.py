"""The sheet on which a native speaker reviews a language: one HTML file to print, without script or outside parts."""

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from gateway import catalogs, languages, sentences, sms, texts
from gateway.catalogs import Book
from gateway.errors import Failed
from gateway.languages import Language, Signed
from gateway.sentences import Lists, Wholes
from gateway.vocabulary import vocabulary

_TABLES = {
    "keywords": "kata kunci",
    "answers": "jawaban",
    "kinds": "jenis",
}
_GROUPS = {
    "signs": "tanda",
    "calm": "percakapan biasa",
    "together": "bahaya bersama kata lain",
    "small": "kata kecil",
    "rules": "kata kecil",
    "calls": "di sekitar permintaan telepon",
    "ages": "umur dan kelas",
    "places": "di sekitar nama tempat",
    "short": "singkatan",
    "short_places": "singkatan nama tempat",
}
_EXAMPLES = 6  # Indonesian words that say what a list is about
_LISTS = {
    "names": "sebutan untuk bahasa ini",
    "common": "kata sehari-hari untuk mengenali bahasa ini",
    "ordinary": "kata biasa yang mirip kata bahaya",
    "openers": "kata pembuka di depan pesan",
    "fillers": "kata pengisi",
    "polite": "sapaan",
    "calls": "kata sekitar permintaan telepon",
    "keywords.report": "melapor",
    "keywords.danger": "minta tolong",
    "keywords.add": "menambah keterangan",
    "keywords.status": "tanya kabar",
    "keywords.help": "minta keterangan",
    "keywords.menu": "minta daftar pilihan",
    "keywords.language": "ganti bahasa",
    "keywords.call": "minta ditelepon",
    "keywords.dont": "minta tidak dihubungi",
    "keywords.erase": "minta dihapus",
    "answers.yes": "ya",
    "answers.no": "tidak",
    "answers.safe": "aman",
    "answers.unsafe": "tidak aman",
    "answers.stop": "minta berhenti",
    "answers.cancel": "membatalkan",
    "risk.high": "bahaya besar: petugas dibangunkan",
    "risk.low": "hanya bertanya",
    "risk.hurt": "potongan kata tentang sakit atau luka",
    "risk.own": "bahaya, hanya dalam bahasa ini",
    "kinds.child": "mungkin menyangkut anak",
}
_STYLE = """
@page { size: A4; margin: 14mm 12mm 18mm;
  @bottom-left { content: "%s"; font: 8pt Arial, Helvetica, sans-serif; }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt Arial, Helvetica, sans-serif; } }
* { box-sizing: border-box; }
body { font: 10pt/1.35 "Liberation Sans", Arial, Helvetica, sans-serif; color: #000; background: #fff; margin: 0 auto;
  max-width: 186mm; padding: 6mm 0; }
h1 { font-size: 17pt; margin: 0 0 1mm; }
h2 { font-size: 12.5pt; margin: 8mm 0 2mm; border-bottom: 1.5pt solid #000; padding-bottom: 1mm; break-after: avoid; }
p { margin: 0 0 2mm; }
h2 + p { break-after: avoid; }
.facts { border: 1pt solid #000; padding: 2mm 3mm; margin: 3mm 0; display: flex; flex-wrap: wrap; gap: 0 8mm; }
ol { margin: 2mm 0 0; padding-left: 6mm; }
li { margin-bottom: 0.8mm; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
thead { display: table-header-group; }
th { text-align: left; font-size: 8.5pt; border-bottom: 1pt solid #000; padding: 1mm 1.5mm; vertical-align: bottom; }
td { padding: 1.5mm; vertical-align: top; overflow-wrap: break-word; }
tbody { break-inside: avoid; border-bottom: 0.5pt solid #000; }
.number { width: 8mm; } .length { width: 17mm; } .use { width: 35mm; }
td.number, td.use, td.length { font-size: 8.5pt; }
.said { font-weight: bold; }
.marks td { padding: 0 1.5mm 3mm; }
.marks div { display: flex; gap: 5mm; align-items: flex-end; font-size: 9pt; white-space: nowrap; }
.box { display: inline-block; width: 3.6mm; height: 3.6mm; border: 1pt solid #000; vertical-align: -0.4mm;
  margin-right: 1.2mm; }
.line { flex: 1; border-bottom: 0.5pt dotted #000; height: 6mm; }
.words { break-inside: avoid; margin-bottom: 3mm; }
.words b { display: block; }
.words .line { height: 7mm; }
.whole { break-inside: avoid; border-left: 2pt solid #000; padding: 0.5mm 0 0.5mm 3mm; margin-bottom: 3mm; }
.whole small { display: block; }
.last { break-inside: avoid; }
.sign { display: grid; grid-template-columns: 32mm 1fr; gap: 4mm 3mm; align-items: end; margin-top: 4mm; }
.sign span { border-bottom: 0.5pt solid #000; height: 8mm; }
.sign .tall { height: 20mm; }
@media screen { body { padding: 10mm; } }
"""


def sheet(language: str, folder: Path = texts.FOLDER) -> str:
    """The review sheet of a language as HTML. Raises Failed for a language without a catalog, and for Indonesian."""
    book = catalogs.read(language, folder)
    if language == texts.SOURCE:
        raise Failed(
            "Indonesian is the source: sheets are for what is translated from it.",
            "Bahasa Indonesia adalah sumbernya: lembar ini untuk terjemahannya.",
        )
    about, wholes = languages.registry(folder)[language], sentences.wholes(folder)
    body = [
        _heading(about, book),
        "<h2>Kalimat</h2>",
        _rows(book, wholes),
        "<h2>Pesan utuh, seperti tampil di telepon</h2>",
        *_wholes(book, wholes),
        *_words(sentences.words(language, folder)),
        _signature(about),
    ]
    title = f"Lembar periksa bahasa: {about.own_name}"
    foot = re.sub(r"[^\w (),-]", "", f"{about.own_name} ({about.code}), {catalogs.fingerprint(book)}")
    return (
        f'<!doctype html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE.replace('%s', foot)}</style>\n</head>\n<body>\n{chr(10).join(body)}\n</body>\n</html>\n"
    )


def _heading(about: Language, book: Book) -> str:
    facts = {
        "Bahasa": f"{about.own_name} ({about.code}, ISO 639-3 {about.iso})",
        "Tanggal katalog": book.revised or "-",
        "Sidik teks": catalogs.fingerprint(book),
        "Sudah diperiksa": _reviewed(about),
    }
    told = "".join(f"<span><b>{name}:</b> {escape(value)}</span>" for name, value in facts.items())
    return f"""<h1>Lembar periksa bahasa: {escape(about.own_name)}</h1>
<p>Kalimat di bawah ini dikirim otomatis kepada orang yang meminta bantuan. Teleponnya mungkin dibaca orang lain.</p>
<div class="facts">{told}</div>
<ol>
<li>Baca terjemahannya dengan suara: apakah sopan, wajar, dan langsung dimengerti orang di daerah Anda, juga yang
takut?</li>
<li>Artinya harus sama dengan kalimat Indonesia. Angka hanya contoh. Kata berhuruf BESAR diketik orang: periksa
ejaannya.</li>
<li>Jangan ada kata yang menyebut kantor, masalahnya, siapa korban atau pelaku, istri, suami, anak.</li>
<li>Beri tanda: <b>benar</b>, <b>ubah</b> (tulis yang lebih baik; huruf biasa tanpa aksen, tidak lebih panjang),
atau <b>jangan dipakai</b>.</li>
<li>Periksa daftar kata di bagian akhir, lalu isi dan tanda tangani halaman terakhir.</li>
</ol>"""


def _reviewed(about: Language) -> str:
    who = ", ".join(filter(None, (about.by, about.office, about.on)))
    match about.signed:
        case Signed.YES:
            return who
        case Signed.CHANGED:
            return f"{who}; sesudah itu ada yang berubah"
        case _:
            return "belum"


def _rows(book: Book, wholes: Wholes) -> str:
    head = (
        '<table>\n<thead><tr><th class="number">No.</th><th>Indonesia</th><th>Terjemahan</th>'
        '<th class="use">Dipakai</th><th class="length">Huruf / SMS</th></tr></thead>'
    )
    rows = []
    for number, (source, audience) in enumerate(_in_order(book, wholes), 1):
        said, missing = book.said(audience, source), not _has(book, audience, source)
        full = texts.render(wholes.text(said), texts.SOURCE)
        size = f"{len(full)} / {sms.segments(full)}" if audience == "reporter" else str(len(full))
        shown = "(belum ada)" if missing else _text(full)
        rows.append(
            f'<tbody><tr><td class="number">{number}</td><td>{_text(_filled(source, wholes))}</td>'
            f'<td class="said">{shown}</td><td class="use">{escape(_use(source, wholes))}</td>'
            f'<td class="length">{size}</td></tr>'
            f'<tr class="marks"><td></td><td colspan="4"><div>{_boxes()}<span class="line"></span></div></td></tr>'
            "</tbody>"
        )
    return "\n".join([head, *rows, "</table>"])


def _in_order(book: Book, wholes: Wholes) -> Iterable[tuple[str, str]]:
    """(sentence, audience): as messages.toml has them, then the buttons."""
    spoken = dict.fromkeys(part for whole in wholes.messages for part in whole.parts)
    labels = dict.fromkeys(entry.source for entry in book.entries if entry.audience == "button")
    return [*((source, "reporter") for source in spoken), *((label, "button") for label in labels)]


def _has(book: Book, audience: str, source: str) -> bool:
    return any((entry.audience, entry.source) == (audience, source) and entry.said for entry in book.entries)


def _use(source: str, wholes: Wholes) -> str:
    """The first message a sentence stands in, and how many more."""
    saat = [whole.saat for whole in wholes.said_in(source)]
    if not saat:
        return "tombol di Telegram"
    return saat[0] + (f", dan {len(saat) - 1} pesan lain" if len(saat) > 1 else "")


def _filled(source: str, wholes: Wholes) -> str:
    return texts.render(wholes.text(source), texts.SOURCE)


def _boxes() -> str:
    return "".join(f'<span><span class="box"></span>{mark}</span>' for mark in ("benar", "ubah", "jangan dipakai"))


def _wholes(book: Book, wholes: Wholes) -> list[str]:
    return [
        f'<div class="whole"><small>{escape(whole.saat)} &middot; {len(full)} huruf, {sms.segments(full)} SMS</small>'
        f"{_text(full)}</div>"
        for whole in wholes.messages
        if len(whole.parts) > 1
        for full in (wholes.filled(whole, book),)
    ]


def _words(lists: Lists) -> list[str]:
    """The words people type, list by list; the long list of everyday words last."""
    if not lists:
        return []
    named = {name: found for name, found in lists.items() if not isinstance(found, dict)}
    for table, found in lists.items():
        if isinstance(found, dict):
            named |= {f"{table}.{name}": words for name, words in found.items()}
    named["common"] = named.pop("common", ())
    shown = [
        f'<div class="words"><b>{escape(_label(name))}</b>{escape(", ".join(map(str, words)))}'
        f'<div class="line"></div></div>'
        for name, words in named.items()
        if words
    ]
    told = (
        "<p>Kata yang diketik orang. Coret yang salah atau yang di daerah Anda berarti lain, tambahkan yang kurang. "
        "Di depan tertulis isinya, pada tanda dan kata kecil dengan contoh dalam bahasa Indonesia. Satu tanda saja "
        "belum berarti bahaya. Sebagian kata kasar atau seksual, karena orang menulisnya saat melapor: tidak perlu "
        "dibacakan.</p>"
    )
    return ["<h2>Daftar kata</h2>", told, *shown]


def _label(name: str) -> str:
    """What a list holds; for signs and small words with the Indonesian words of the same list."""
    table, _, own = name.rpartition(".")
    if table == "small" and own in _LISTS:
        return _LISTS[own]
    if group := _GROUPS.get(table):
        examples = getattr(vocabulary()[texts.SOURCE], table).get(own, ())[:_EXAMPLES]
        return f"{group}: {', '.join(examples)}" if examples else f"{group}: {own}"
    kind = _TABLES.get(table, "" if name in _LISTS else table)
    return f"{kind}: {_LISTS.get(name, own)}" if kind else _LISTS.get(name, own)


def _signature(about: Language) -> str:
    fields = "".join(f"<b>{name}</b><span></span>" for name in ("Nama", "Kantor", "Tanggal"))
    return f"""<section class="last"><h2>Tanda tangan</h2>
<p>Saya penutur asli bahasa {escape(about.own_name)} dan telah memeriksa semua kalimat dan kata di lembar ini.</p>
<div class="sign">{fields}<b>Tanda tangan</b><span class="tall"></span></div></section>"""


def _text(said: str) -> str:
    return escape(said).replace("\n", "<br>")
