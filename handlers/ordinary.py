"""Ordinary words that are, or look like, the name of a place somewhere in the country.

Everyday Indonesian with its SMS abbreviations, some Javanese and Sundanese, and people's names. Such a word is a place
only where the writer says so ("kec gabus"), and is never taken for a misspelt one ("bohong" is not Bojong).
"""


def words(text: str) -> frozenset[str]:
    """The words of a text that lists them."""
    return frozenset(text.split())


ORDINARY = words(
    """
    abang abdi abis adek adi agung agus aing aisyah aja ajung akhir aku alam alami aman ambal ambil ampel anak
    anaknya ancam andi andong aneh anggi anggrek angsana anisa anjeun antar anyar apakah arisan asal asep asparaga
    atas awake awan awang aye ayeuna ayo ayu babak babakan babat badan badar badau bade bagor bahagia bahasa bahaya
    bahu baik bakam bakar bakti bakung balai balen balik balong balung bambang bancak bancar banda bandar bandongan
    banget bangsal bangun banjang banjar banjaran bantaran bantu bantuan bapa bapak barang baras barat bareng baron
    baru batal batalkan batang batas batasan batu bawah bawang bayan bayang bayar bayat bayu beban beber bekap bekas
    belajar belang belat beli belik belimbing belum benang benar benci benda bendahara bendo bener bengkak bengkong
    bensin benteng benua berani berapa berat berdarah beres bergas beringin bertahan besar besi besok besuk betara
    betis betung bgt biasa bibi bibir bilang bilangnya bingung bintang bisa biyen blm bnr bnyk bocah bocahe bodoh
    bohong bohongi bojo bojoku bolong bonang bongkar bonjol bopong borong bosan bpk brg brp brpa bsa bsk buang buaya
    budak bukit bulak bulan bulang bumi bunga bungkal bungur bunuh bunut butuh byk cabang cabul campak campur candi
    candung cekik cempa cempaka cendana cengal cepat ceper cerai cerita cewek citra compreng concong cowok cpt cuma
    cuman dada daek daerah dagu dalam dalan damai damar dampit danau dani dapat dapur darah darat darma darurat
    datang datangan dawan dedai dedi dekat delima dempet dendang dengan deni depan dermaga desa desi devi dewa dewi
    dgn dia dian dikala dinda diri ditinggal dkt dlm dmn doang dolok dong dorong doyan dpt dr dtg duduk dukun dukung
    durian dusun eka eko emang emas empang empat endang enggak entah fajar fitri gabung gabus gading gadis gadung
    gagal gajah gaji galak galang galur gambar gambir gambus gambut gampang gamping gandapura ganding gang ganggu
    gantar ganteng gantung gapura garung gaung gawe gayam gebang gedung geger gelem gembong gembung gemetar gempol
    gendheng gending geneng genteng geragai gerbong gerih gerogol gerung geus gigit gilang giliran gimana gini gitu
    gmn gnti goblok godong golongan gondang gorong griya gtu gubuk guntur gunung gurah habis hadi hajar hamil hamili
    hampang hampir hancur hangat hanya hari harus hasan hati hendra heri hidung hidup hilang hilir hitam hotel
    hoyong hrs hukum hulu hutan hutang ibunya ikat ikut indah indra ingin injak intan irma islam istri iwan jabatan
    jabung jadi jahat jajan jaka jaket jalan jalanan jalmi jambak jambe jamblang jambon jambu jangan jangka jangkang
    jangkar jangkat janji jarang jatuh jaya jdi jelai jelas jelutung jembatan jemput jenang jenawi jeruk jetis jg
    jgn jijik jln jm joko jonggol jongkong jorong jual judi juga juragan kabar kabat kabeh kabur kadang kadipaten
    kajang kajen kakak kakas kaki kalau kali kalian kalis kalo kamal kamar kami kampa kampung kampus kanan kancing
    kandis kangkung kantin kantor kapal kapan kapas karas karena karo kartika karya kasar kasih kasihan kasui
    katanya kathah katon kaur kawan kawin kayak kayaknya kayangan kayanya kayu kbr kebon kebun kecil kedai kedondong
    kedung kejadian kejam kejang kejar kek kelapa kelara kelas kelayang keling kelua keluang keluar keluarga
    kelurahan kemana kemang kemarin kembali kembang kembu kemiri kempas kemudian kemuning kenal kenang kenapa
    kencong kendit kenyam kepada kepala kepil kepung kerap keras kerek kerep kerja kerjaan kerkap kertas kesal
    kesambi ketakutan ketemu kiri kirim klangenan klg klinik klo klrga kls kmn kmr kmrn kokas kolam komodo komplek
    kondisi kontrak kontrakan korban kos kosan kosong kost kota kotabaru kowe krg krj krn ktr kuala kuari kuat
    kubung kubur kuburan kula kuliah kulim kulo kumai kunci kundur kunduran kuping kurang kurau kurik kuring kuripan
    kurnia kursi kurun kurung kurungan kyk labang labil ladang lagi lahir lakukan lalaki lalang lama lambai lambat
    lambu lampu lamun lanang landak langgam lanjut lantai lantung lapang lapangan lapar lapor laporan larang laut
    lawan lawang lbh lebam lebih legok leher lekok lelah leles lembah lembak lembang lembar lembur lempar lengan
    lengkong lenteng lepas lestari lewat lgs lia liang libur licin lilis lima limau limpung limun lina linda lindu
    lirik loh lokasi lolak lorong loteng luar lubang luka lumar lumbung lumpuh lumut lurah lwn mabuk macam madat
    madukara maesan magersari mah mahal mainan majikan makan makanan makanya makasih maki makmur malam malang malas
    mampir mana mancis mandah mandai mandau mandi mandor maneh mangan mangga manggala manggar manggis mangkubumi
    manis mantan mantu manyar marah marga maria mario masalah masih masihan masjid masuk mata matur mau mawar maya
    mayang mbak mboten mega melapor melati melayang memang memar memukul menang menangis mending meneh mengaku
    mengamuk menggala menit menteng mentok merah meranti merbau merdeka merek mereka mergo mertua mesin mesjid mesti
    mila milik minggir minggu minta minum mkn mlm mnis mns mnta mobil mohon motor msh msk mtr muara muda mudah mukul
    mulai mulia mulut mulya mulyadi muncang mundu mung mungkin murah murid murni murung mushola musuh mutiara nafkah
    nangis nanti nasal natal natar negara negeri nenek ngablak ngajak ngajar ngamuk ngancam ngantem ngga nggak
    ngombe ngomong nia nibung nikah nina nita njaluk nomor novi nurul nuwun nyaeta nyari nyawa nyuwun obat omah
    omongan opo ora orang orangtua org orng pabrik pacar pacet pacr padahal padang padas pagelaran paha pakai pakal
    pake pakem pakis paksa palang palas palolo pamajikan paman pancing pancur pandai pandak pandan panggang panggil
    panggul pangkah pangkur panik panjang panji pantai pantar pantat panti papar parah parang parantos paron
    pasangan pasar pasien pasir pasti patah patokan patuk payung pecat pegang pekat pelaku pelan pelem pelihara
    peluk pemali pendopo pengen penting penuh perak peras perasaan percaya perempatan pergi periuk perkosa perlu
    permata pernah persawahan pertigaan perumahan perut pesan pesanggrahan pesantren pesawahan pesisir petang petir
    petugas pgn picung piket pinang pindah pinggang pinggir pinggul pinjam pintu pipi piramid pisah pisau pitakon
    plg pnya polen polisi polong polos polres polsek pondok ponggok porong pos posko posyandu potong potongan prima
    pripun prnh pucuk pujut pukul pukuli pulang pulau pulung punggung punggur punten punya pupuan purba puring
    purnama pusing puskesmas puspita putih putra putri putus raba rahasia rahayu rakit rakyat rama ramai rambah
    rambang rambut rambutan rampas rancah rangsang rani rantai rantau rapat rasanya ratna ratu ratusan rawat raya
    reban rebo rebut regol rekam rela renang rendah rendang rengat rental retno rimba rina rini riung rizky rmh
    rokok rongga rongkong rosa ruang rudi rugi ruko rumah rumahnya rumahsakit rumbai runtuh rusak sabar sadang sadar
    saiki sakit sakti salah salak salaki salam salang salem saling sama sambi sambit sampah sampai sampe samping
    sampun sana sanes sangat sanget sanggar sangir saniki santi sapa sarang sarapan sareng sari satu saudara sawah
    sawahan sawai sawan sawang sawangan sawit sayang sayat sayung sblm sbnr sbnrnya sdg sdh sebelah sebelum
    sebelumnya sebentar seberang sebuah sebuku sebulan sebuluh seburu sebut secang sedan sedang sedih sedong segah
    segera sehari sehat sejahtera sekali sekap sekar sekarang sekolah sekolahan selalu selama selat selatan selesai
    selingkuh selokan selong seluruh seluruhnya semalam sembuh semen semua senang sendang sendiri senen sengaja
    senjata sepang serba seret sering serius serta sesuatu sesuk setan setelah setia setiap setiawan siang siantan
    siapa siding sidomukti sieun sih siksa siku silungkang simah simbang simpan simpang simpur singkup sini sinta
    siram siswa siti siwalan skali skg skit sklh skr skrg skt slamet sllu smp smpe sndri soalnya sonder sopir srg
    sri sring suami suara subuh subur sudah suka sukma sukun sulang sulastri sumarni sumbang sumber sumbul sumur
    sungai sungguh surian suruh surya suryani susah susanti susut suwe sy sya tabir tabrak tabung tadi tahan tahu
    tahun takon takut talang talun taman tamat tambah tambahan tambak tamban tambang tampar tanah tanda tandun
    tangan tangen tanggul tangis tangkap tangkis tani tanjung tansah tante tanya tapung tari tarik tarup tatkala
    tawang tdi tdk tdr tebas tebing tegang teh tekung telaga telinga teluk teman tembak tembelang tembuku tembuni
    tempat tempe tempel tempuling tenaga tenang tendang tengah tenggara tentang tentara tepus terakhir teras
    terentang teriak terima tering terlalu terminal terpaksa terus tetangga tetap teu teuing tgl tiba tidak tidur
    tiga tikung timur tinggal tinggi tini tinju tiris tirta titin titip tiyang tlg tlng tmn tmpt tnggl toilet toko
    tolong toloong tonjok tono tpi tri trs trus ttg tua tualang tukang tulang tulis tulung tumbas tumpang tunggu
    tusuk tuti tutup tutur uang udah udahan udh udin ujung umar umur ungar untuk urip usir utang utara utk wadon wae
    wahyu wahyuni waktu warga waris warnet warsa warung wates wati wawan wedang wedi wenang wengi wening widya
    wilayah winda wingi wios wkt wong wonten wulan wungu yanti yanto yati yatim yayasan yg yng yuli yulia yuni yusuf
    zahra
    """
)
