"""Ordinary words that are, or look like, the name of a place somewhere in the country.

Everyday Indonesian with its SMS abbreviations, some Javanese and Sundanese, and people's names. Such a word is a place
only where the writer says so ("kec gabus"), and is never taken for a misspelt one ("bohong" is not Bojong).
"""


def words(text: str) -> frozenset[str]:
    """The words of a text that lists them."""
    return frozenset(text.split())


ORDINARY = words(
    """
    abang abdi abis adek adi agung agus aing aisyah aja akhir aku alam alami aman ambil anak anaknya ancam andi aneh
    anggi anggrek anisa anjeun antar anyar apakah arisan asal asep atas awake awan aye ayeuna ayo ayu babak babakan
    babat badan badar bade bagor bahagia bahasa bahaya bahu baik bakar bakti bakung balai balik balong bambang
    bancak bandar banget bangun banjar bantaran bantu bantuan bapa bapak barang baras barat bareng baron baru batal
    batalkan batang batas batasan batu bawah bawang bayan bayang bayar bayat bayu beban bekap bekas belajar belang
    belat beli belimbing belum benang benar benci benda bener bengkak bengkong bensin benteng benua berani berapa
    berat berdarah beres beringin bertahan besar besi besok besuk betis bgt biasa bibi bibir bilang bilangnya
    bingung bintang bisa biyen blm bnr bnyk bocah bocahe bodoh bohong bohongi bojo bojoku bojone bolong bongkar bopong
    borong bosan bpk brg brp brpa bsa bsk buang buaya budak bukit bulak bulan bulang bumi bunga bunuh bunut butuh
    byk cabang cabul campak campur candi candung cekik cempaka cepat ceper cerai cerita cewek citra cowok cpt cuma
    cuman dada daek daerah dagu dalam dalan damai damar danau dani dapat dapur darah darat darma darurat datang
    datangan dedi dekat delima dempet dengan deni depan dermaga desa desi devi dewa dewi dgn dia dian dikala dinda
    diri ditinggal dkt dlm dmn doang dong dorong doyan dpt dr dtg duduk dukun dukung durian dusun eka eko emang emas
    empang empat endang enggak entah fajar fitri gabung gabus gading gadis gadung gagal gajah gaji galak galang
    galur gambar gambir gambus gambut gampang gamping ganding gang ganggu ganteng gantung gapura gaung gawe gebang
    gedung geger gelem gembong gembung gemetar gempol gendheng gending genteng gerbong gerung geus gigit gilang
    giliran gimana gini gitu gmn gnti goblok godong golongan gondang gorong griya gtu gubuk guntur gunung habis hadi
    hajar hamil hamili hampang hampir hancur hangat hanya hari harus hasan hati hendra heri hidung hidup hilang
    hilir hitam hotel hoyong hrs hukum hulu hutan hutang ibunya ikat ikut indah indra ingin injak intan irma islam
    istri iwan jabatan jabung jadi jahat jajan jaka jaket jalan jalanan jalmi jambak jambe jambon jambu jangan
    jangka jangkang jangkar jangkat janji jarang jatuh jaya jdi jelai jelas jembatan jemput jenang jeruk jg jgn
    jijik jkn jln jm joko jorong jual judi juga juragan kabar kabeh kabur kadang kadipaten kajang kakak kaki kalau
    kali kalian kalo kamal kamar kami kampa kampung kampus kanan kancing kandis kangkung kantin kantor kapal kapan
    kapas karas karena karo kartika karya kasar kasih kasihan kasui katanya kathah katon kaur kawan kawin kayak
    kayaknya kayangan kayanya kayu kbr kebon kebun kecil kedai kedondong kedung kejadian kejam kejang kejar kek
    kelapa kelara kelas kelayang keling keluang keluar keluarga kelurahan kemana kemang kemarin kembali kembang
    kemiri kempas kemudian kemuning kenal kenang kenapa kendit kepada kepala kepil kepung kerap keras kerek kerep
    kerja kerjaan kerkap kertas kesal ketakutan ketemu kiri kirim klg klinik klo klrga kls kmn kmr kmrn kolam komodo
    komplek kondisi kontrak kontrakan korban kos kosan kosong kost kota kotabaru kowe krg krj krn ktr kuala kuat
    kubung kubur kuburan kula kuliah kulo kunci kundur kuping kurang kurau kuring kuripan kurnia kursi kurun kurung
    kurungan kyk labang labil ladang lagi lahir lakukan lalaki lalang lama lambat lampu lamun lanang landak langgam
    lanjut lantai lantung lapang lapangan lapar lapor laporan larang laut lawan lawang lbh lebam lebih legok leher
    lelah lembah lembang lembar lembur lempar lengan lengkong lenteng lepas lestari lewat lgs lia liang libur licin
    lilis lima limau limpung lina linda lindu lirik loh lokasi lorong loteng luar lubang luka lumbung lumpuh lumut
    lurah lwn mabuk macam madat mah mahal mainan majikan makan makanan makanya makasih maki makmur malam malang
    malas mampir mana mancis mandah mandi mandor maneh mangan mangga manggala manggis manis mantan mantu manyar
    marah marga maria mario masalah masih masihan masjid masuk mata matur mau mawar maya mayang mbak mboten mega
    melapor melati melayang memang memar memukul menang menangis mending meneh mengaku mengamuk menit menteng merah
    merbau merdeka merek mereka mergo mertua mesin mesjid mesti mila milik minggir minggu minta minum mkn mlm mnis
    mns mnta mobil mohon motor msh msk mtr muara muda mudah mukul mulai mulia mulut mulya mulyadi muncang mundu mung
    mungkin murah murid murni murung mushola musuh mutiara nafkah nangis nanti nasal natal negeri nenek ngajak
    ngajar ngamuk ngancam ngantem ngga nggak ngombe ngomong nia nibung nikah nina nita njaluk nomor novi nurul nuwun
    nyaeta nyari nyawa nyuwun obat omah omongan opo ora orang orangtua org orng pabrik pacar pacr padahal padang
    padas pagelaran paha pakai pake paksa palang palas pamajikan paman pancing pandai pandak pandan panggang panggil
    panggul pangkah panik panjang panji pantai pantar pantat panti papar parah parang parantos pasangan pasar pasien
    pasir pasti patah patokan patuk payung pecat pegang pekat pelaku pelan pelem pelihara peluk pendopo pengen
    penting penuh perak peras perasaan percaya perempatan pergi periuk perkosa perlu permata pernah persawahan
    pertigaan perumahan perut pesan pesanggrahan pesantren pesawahan pesisir petang petir petugas pgn piket pinang
    pindah pinggang pinggir pinggul pinjam pintu pipi piramid pisah pisau pitakon plg pnya polen polisi polong polos
    polres polsek pondok ponggok pos posko posyandu potong potongan prima pripun prnh pucuk pujut pukul pukuli
    pulang pulau pulung punggung punggur punten punya pupuan purba puring purnama pusing puskesmas puspita putih
    putra putri putus raba rahasia rahayu rakit rakyat rama ramai rambah rambut rambutan rampas rangsang rani rantai
    rantau rapat rasanya ratna ratu ratusan rawat raya reban rebo rebut rekam rela renang rendah rendang rental
    retno rimba rina rini rizky rmh rokok rongga rosa ruang rudi rugi ruko rumah rumahnya rumahsakit rumbai runtuh
    rusak sabar sadang sadar saiki sakit sakti salah salak salaki salam salang salem saling sama sambi sampah sampai
    sampe samping sampun sana sanes sangat sanget sanggar sangir saniki santi sapa sarang sarapan sareng sari satu
    saudara sawah sawahan sawan sawang sawit sayang sayat sayung sblm sbnr sbnrnya sdg sdh sebelah sebelum
    sebelumnya sebentar seberang sebuah sebuku sebulan sebuluh seburu sebut secang sedan sedang sedih sedong segera
    sehari sehat sejahtera sekali sekap sekar sekarang sekolah sekolahan selalu selama selat selatan selesai
    selingkuh selokan seluruh seluruhnya semalam sembuh semen semua senang sendang sendiri senen sengaja senjata
    sepang serba seret sering serius serta sesuatu sesuk setan setelah setia setiap setiawan siang siapa siding
    sieun sih siksa siku simah simpan simpang simpur singkup sini sinta siram siswa siti skali skg skit sklh skr
    skrg skt slamet sllu smp smpe sndri soalnya sopir srg sri sring suami suara subuh subur sudah suka sukma sukun
    sulastri sumarni sumber sumbul sumur sungai sungguh surian suruh surya suryani susah susanti susut suwe sy sya
    tabir tabrak tabung tadi tahan tahu tahun takon takut talang taman tamat tambah tambahan tambak tambang tampar
    tanah tanda tangan tanggul tangis tangkap tangkis tani tanjung tansah tante tanya tari tarik tarup tatkala tdi
    tdk tdr tebas tebing tegang teh telaga telinga teluk teman tembak tembelang tembuni tempat tempe tempel tenaga
    tenang tendang tengah tenggara tentang tentara tepus terakhir teras terentang teriak terima tering terlalu tebang
    terminal terpaksa terus tetangga tetap teu teuing tgl tiba tidak tidur tiga tikung timur tinggal tinggi tini
    tinju tiris tirta titin titip tiyang tlg tlng tmn tmpt tnggl toilet toko tolong toloong tonjok tono tpi tri trs
    trus ttg tua tukang tulang tulis tulung tumbas tumpang tunggu tusuk tuti tutup tutur uang udah udahan udh udin
    ujung umar umur untuk urip usir utang utara utk wadon wae wahyu wahyuni waktu warga waris warnet warsa warung
    wates wati wawan wedang wedi wenang wengi wening widya wilayah winda wingi wios wkt wong wonten wulan wungu
    yanti yanto yati yatim yayasan yg yng yuli yulia yuni yusuf zahra
    """
)
