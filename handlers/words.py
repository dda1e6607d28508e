"""Word lists, small and readable on purpose: keywords people type, and words that raise the risk, per language.

Everything is folded: lower case, letters and digits only. A list errs on the side of waking somebody; a word that is
ordinary somewhere (mati in "mati lampu") is listed only inside a phrase. Regional lists still need the signature of a
native speaker of an office.
"""

REPORT = {
    "lapor", "laporan", "lapr", "lpr", "lpor", "lapro", "laporr", "adu", "aduan", "mengadu", "labrrak", "labrak", "labrakk",
}  # fmt: skip
DANGER = {
    "tolong", "tlg", "tlong", "tlng", "tolongin", "tolongi", "tolonglah", "selamatkan", "sos", "darurat", "bahaya",
    "tulung", "tulungi", "tulungono", "tulungana", "bebaya", "tulungan", "tulong",
}  # fmt: skip
ADD = {"tambah", "tmbh", "tambahan"}
STATUS = {"status", "cek"}
HELP = {"bantuan", "info", "help"}
LANGUAGE = {"bahasa", "basa"}
STOP = {"berhenti", "stop", "unreg"}
CANCEL = {
    "batal", "batalkan", "bercanda", "salah kirim", "salah ngirim", "lupakan", "cancel", "mboten sios", "ora sido",
    "ora sida", "teu janten", "teu jadi",
}  # fmt: skip
YES = {
    "ya", "y", "iya", "yo", "io", "iyo", "inggih", "nggih", "nggeh", "njih", "injih", "enggih", "muhun", "sumuhun", "uhun",
    "enya", "heeh", "ok", "yes",
}  # fmt: skip
NO = {
    "tidak", "tdk", "tak", "gak", "ga", "gk", "g", "nggak", "enggak", "engga", "ngga", "ndak", "nda", "ora", "orak",
    "mboten", "boten", "moten", "mbten", "dereng", "durung", "henteu", "hente", "teu", "tacan", "belum", "blm",
}  # fmt: skip
SAFE = {
    "aman", "sudah aman", "saya aman", "sekarang aman", "ya aman", "iya aman", "sampun aman", "nggih aman", "wis aman",
    "parantos aman", "muhun aman",
}  # fmt: skip
UNSAFE = {f"{no} aman" for no in NO} | {"teu acan aman", "can aman", "encan aman", "kurang aman"}

LANGUAGES = {
    "id": {"id", "ind", "indonesia", "nasional"},
    "jv": {"jv", "jav", "jawa", "jowo", "jawi", "krama"},
    "su": {"su", "sun", "sunda", "sundanese", "lemes"},
    "en": {"en", "inggris", "english"},
}

# Life or body in danger now, or what the law treats as gravest: high at once.
HIGH = {
    "id": {
        "bunuh", "bnuh", "dibunuh", "dbunuh", "membunuh", "ngebunuh", "dihabisi", "dimatiin", "nyawa", "sekarat", "bunuh diri",
        "gantung diri", "akhiri hidup", "mengakhiri hidup", "mau mati", "ingin mati", "pengen mati", "hampir mati",
        "sampai mati", "takut mati", "saya mati", "kamu mati",
        "pisau", "piso", "parang", "golok", "celurit", "clurit", "badik", "keris", "kapak", "pistol", "senpi", "senjata",
        "sajam", "air keras", "bacok", "dibacok", "membacok", "ditusuk", "menusuk", "nusuk", "disayat", "digorok",
        "darah", "berdarah", "bdarah", "pendarahan", "keguguran", "pingsan", "tidak sadar", "gak sadar",
        "cekik", "dicekik", "dcekik", "cekek", "dicekek", "mencekik", "dibekap", "membekap",
        "dibakar", "membakar", "ngebakar", "mau bakar", "disiram", "disundut", "disetrika", "racun", "diracun",
        "perkosa", "prkosa", "diperkosa", "diprkosa", "memperkosa", "pemerkosaan", "perkosaan", "rudapaksa", "dirudapaksa",
        "cabul", "dicabuli", "mencabuli", "pencabulan", "disetubuhi", "setubuhi", "digagahi", "disodomi", "sodomi",
        "dipaksa berhubungan",
        "sekap", "disekap", "dikurung", "dikunci", "dikunciin", "terkunci", "dipasung", "diikat", "tidak boleh keluar",
        "gak boleh keluar", "ga boleh keluar", "culik", "diculik", "diperdagangkan", "anak dijual", "saya dijual",
        "mau dijual", "dijual ke", "mau kabur", "kabur dari rumah",
        "mengamuk", "ngamuk", "digebuki", "digebukin", "dipukuli", "dipukulin", "dikeroyok", "dihajar", "dianiaya",
        "sekarang juga", "minta tolong", "mnta tlg", "tolong saya", "tolong aku", "tolong kami", "tlg saya", "tlg sy",
        "tlng sy", "tolong bu", "tolong pak",
    },
    "jv": {
        "dipateni", "mateni", "tak pateni", "kepaten", "dipejahi", "dipunpejahi", "lading", "peso", "arit", "bendho",
        "gegaman", "mbacok", "getih", "erah", "semaput", "klenger", "kantu", "ditekek", "dipuntekek", "dibungkem",
        "diobong", "ngobong", "dipunbesmi", "dikonci", "dikancing", "dikerem", "dipunkunci", "dipunkurung", "ditaleni",
        "dirudapeksa", "dipunrudapeksa", "diperawani", "digebugi", "dikepruk", "diantemi", "dikroyok", "nglalu", "kendhat",
        "pengin mati", "pingin mati", "wedi banget", "wedi tenan", "ajrih sanget", "nyuwun tulung", "njaluk tulung",
        "jaluk tulung",
    },
    "su": {
        "dipaehan", "maehan", "rek dipaehan", "bade dipaehan", "dipodaran", "peso", "bedog", "gobang", "congkrang", "getih",
        "kapaehan", "kapiuhan", "dirogahala", "dicekek", "nyekek", "dibekem", "diduruk", "ngaduruk", "kahuruan", "dikonci",
        "dikurungan", "dikerem", "ditalian", "dibarogod", "teu kenging kaluar", "teu meunang kaluar", "dirudapaksa",
        "digagahan", "ditewek", "dikadek", "digebugan", "diteunggeulan", "ditakolan", "hayang paeh", "hoyong maot",
        "sieun pisan", "sieun kacida", "nyuhunkeun tulung", "menta tulung", "tulungan abdi",
    },
}  # fmt: skip

# Parts of words of harm: a message with one of them is never a mere question.
HURT = (
    "pukul", "tampar", "tendang", "tonjok", "hajar", "siksa", "ancam", "paksa", "raba", "lecehk", "pelecehan", "sakit", "luka",
    "takut", "marah", "nangis", "memar", "lebam", "usir", "hamil", "selingkuh", "jual", "keras", "gebug", "gepuk", "teunggeul",
)  # fmt: skip

# A question about the service, nobody hurt in the words: low, until a person says otherwise.
LOW = {"id": {"tanya", "bertanya", "jam buka", "alamat kantor", "jadwal", "syarat", "penyuluhan", "sosialisasi"}}
