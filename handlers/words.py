"""Word lists, small and readable on purpose: keywords people type, and words that raise the risk, per language.

Everything is folded: lower case, letters and digits only. Sources: shared phrase tables of the offices' languages;
an office may ask for more. Words that are ordinary in another language are listed only under their own.
"""

REPORT = {
    "lapor",
    "laporan",
    "lapr",
    "lpr",
    "lpor",
    "lapro",
    "laporr",
    "adu",
    "aduan",
    "mengadu",
    "labrrak",
    "labrak",
    "labrakk",
}
DANGER = {"tolong", "tlg", "tlong", "tlng", "tulung", "tulong", "sos", "darurat", "bahaya"}
ADD = {"tambah", "tmbh", "tambahan"}
STATUS = {"status", "cek"}
HELP = {"bantuan", "info", "menu", "help"}
LANGUAGE = {"bahasa", "basa"}
STOP = {"berhenti", "stop", "unreg"}
CANCEL = {"batal", "batalkan", "bercanda", "salah kirim", "lupakan", "cancel"}
YES = {"ya", "y", "iya", "yo", "io", "iyo", "inggih", "nggih", "enggih", "muhun", "enya", "ok", "iyes"}
NO = {
    "tidak",
    "tdk",
    "tak",
    "gak",
    "ga",
    "gk",
    "nggak",
    "enggak",
    "ndak",
    "ora",
    "mboten",
    "moten",
    "henteu",
    "teu",
    "belum",
    "blm",
}
SAFE = {"aman", "sudah aman", "saya aman", "sekarang aman", "ya aman"}
UNSAFE = {
    "tidak aman",
    "tdk aman",
    "gak aman",
    "ga aman",
    "gk aman",
    "nggak aman",
    "belum aman",
    "blm aman",
    "ora aman",
    "mboten aman",
    "teu aman",
    "henteu aman",
}

LANGUAGES = {
    "id": {"id", "ind", "indonesia", "nasional"},
    "jv": {"jv", "jav", "jawa", "jowo", "jawi", "krama"},
    "su": {"su", "sun", "sunda", "sundanese", "lemes"},
    "en": {"en", "inggris", "english"},
}

# Life or body in danger now, or what the law treats as gravest: high at once.
HIGH = {
    "id": {
        "bunuh", "dibunuh", "membunuh", "pisau", "parang", "golok", "celurit", "pistol", "senjata", "bacok", "dibacok",
        "darah", "berdarah", "pingsan", "sekarat", "cekik", "dicekik", "bakar", "dibakar", "racun", "diracun",
        "perkosa", "diperkosa", "pemerkosaan", "cabul", "dicabuli", "pencabulan", "disetubuhi", "disekap", "dikurung",
        "diculik", "dijual", "gantung", "bunuh diri", "mati", "sekarang juga", "nyawa", "kabur", "mengamuk", "ngamuk",
        "diperdagangkan", "ditusuk", "digebuki",
    },
    "jv": {"dipateni", "mateni", "lading", "arit", "getih", "semaput", "dirudapeksa", "disekap", "wedi banget"},
    "su": {"dipaehan", "maehan", "peso", "bedog", "getih", "kapaehan", "dirogahala", "sieun pisan"},
}  # fmt: skip

# A question about the service, nobody hurt in the words: low, until a person says otherwise.
LOW = {"id": {"tanya", "bertanya", "jam buka", "alamat kantor", "jadwal", "syarat", "penyuluhan", "sosialisasi"}}
