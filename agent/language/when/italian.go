package when

// italian is the table of Italian. Its numbers are made by italianNumbers.
const italian = `
weekday 1: lunedì, lun
weekday 2: martedì, (mar)
weekday 3: mercoledì, mer
weekday 4: giovedì, gio
weekday 5: venerdì, ven
weekday 6: sabato, sab
weekday 7: domenica, dom
month 1: gennaio, gen, genn
month 2: febbraio, feb, febb
month 3: marzo, (mar)
month 4: aprile, apr
month 5: maggio, mag, magg
month 6: giugno, giu
month 7: luglio, lug, lugl
month 8: agosto, ago
month 9: settembre, set, sett
month 10: ottobre, ott
month 11: novembre, nov
month 12: dicembre, dic
unit second: secondo, secondi, sec
unit minute: minuto, minuti, min
unit minute 15: quarto d'ora, quarti d'ora
unit minute 30: mezzora, mezz'ora, mezza ora
unit minute 45: tre quarti d'ora, 3 quarti d'ora
unit minute 90: ora e mezza, ora e mezzo
unit hour: ora, ore
unit day: giorno, giorni, giornata, giornate, gg
unit night: notti
unit business: giorni lavorativi, giorno lavorativo, giorni feriali
unit week: settimana, settimane
unit month: mese, mesi
unit year: anno, anni
dayword 0: oggi, la giornata di oggi, oggi stesso
dayword 1: domani, il giorno dopo
dayword 2: dopodomani, dopo domani
dayword -1: ieri
dayword -2: l'altro ieri, avantieri, altro ieri
daypart 0 morning: stamattina, questa mattina, stamani, stamane, questo mattino
daypart 0 afternoon: questo pomeriggio, oggi pomeriggio
daypart 0 evening: stasera, questa sera
daypart 0 night: stanotte, questa notte
daypart 1 morning: domattina
part morning: mattina, mattino, di mattina, del mattino, la mattina, al mattino, di mattino, nella mattina, in mattinata, mattinata, nella mattinata, della mattina, di mattino presto, am
part midday: pranzo, ora di pranzo, all'ora di pranzo, a pranzo, pausa pranzo, 1 ora di pranzo
part afternoon: pomeriggio, di pomeriggio, del pomeriggio, nel pomeriggio, il pomeriggio, al pomeriggio, pm
part evening: sera, di sera, della sera, la sera, serata, in serata, nella sera, alla sera, nella serata
part night: notte, di notte, della notte, la notte, nottata, a notte, nella notte, in nottata, alla notte
now: adesso, ora, subito, immediatamente, proprio adesso, appena possibile, in questo momento, il prima possibile, il più presto possibile, proprio ora
meridiem 1: am, a.m., a.m, a m
meridiem 2: pm, p.m., p.m, p m
oclock: in punto
half: mezza, mezzo, mezz
quarter: quarto
threequarter: tre quarti
minus: meno
noon 12: mezzogiorno, mezzodì, metà giornata, mezzo giorno
noon 0: mezzanotte
noon 10: metà mattina, metà mattinata
noon 14: metà pomeriggio
the: il, la, lo, le, i, gli, l, mio, mia, i giorni, nei giorni, il giorno, nel giorno
one: un, una, uno, un'
of: di, d, dello, del mese di, di questo mese di, del, della, dell, dei, delle
at: per le ore, alle h, alle ore, poco dopo le, alle, all, alla, le, alle ore, ore, per le, ad, verso le, intorno alle
atweak: facciamo, meglio, a
on: dal, a partire dal, fino al, sino al, dopo il, prima del, entro il, il, al, nel, per il, giorno, l, al più tardi il, non oltre il, non prima del, i giorni, del, nel giorno
in: tra, fra, in, nel, nella, da qui a, di qui a
from: da, dal, dalle, dalla, dall, a partire da, a partire dal, a partire dalle, dalle ore
until: al, alle, fino a, fino al, a, alla, finoa, all, alle ore, sino a
untilclock: fino alle, fino alla, sino alle, sino alla
between: tra, fra
and: e, ed
join: e
or: o, oppure, od, ovvero
after: non prima di, non prima delle, non prima del, non prima dell, a partire dalle ore, passate le, successivamente al, dopo l', dopo la, dopo, dopo le, dopo il, più tardi delle, dopo l
before: non dopo, non dopo le, non dopo il, non più tardi di, non più tardi delle, non più tardi del, al più tardi, al più tardi il, al più tardi alle, non oltre il, non oltre le, prima dell, entro l, entro la, entro e non oltre, entro e non oltre il, al massimo alle, al massimo il, prima di, prima delle, prima del, prima della, entro, entro le, entro il, non oltre
this: questo, questa, quest, questi, queste, corrente
next: prossimo, prossima, prossimi, prossime, seguente, seguenti, successivo, successiva, che viene, entrante
last: scorso, scorsa, scorsi, scorse, passato, passata, passati, ultimo, ultima, ultimi, ultime
every: ogni, tutti i, tutte le
often 1 day: quotidianamente, giornalmente
often 1 week: settimanalmente, una volta a settimana, una volta alla settimana
often 1 month: mensilmente, una volta al mese
often 2 week: sì e uno no, sì e l'altro no
onward 1: in poi, in avanti, o più tardi, o dopo, e oltre, in su, al più presto
onward -1: o prima, al più tardi, o più presto, al massimo
around: verso l, più o meno alle, circa alle, alle circa, pressappoco alle, pressappoco, grosso modo, verso, intorno, circa, all'incirca, più o meno, attorno, verso le, intorno alle, attorno alle, approssimativamente, indicativamente
for: per, durante, per la durata di
within: entro, nel giro di
later: (più tardi), (dopo)
ago: fa
edge -1: inizio di, inizio, inizio del, inizio della, all'inizio di, all'inizio del, all'inizio della, primi di, presto, prima, primo, prim
edge 0: metà di, metà, metà del, metà della, a metà, a metà della, a metà di
edge 1: fine di, fine, fine del, fine della, alla fine di, alla fine del, alla fine della, tarda, tardo, tardi, a fine
edge 2: resto di, resto del, resto della, il resto di, il resto della, il resto del
weekend: weekend, week end, fine settimana, finesettimana
same: lo stesso giorno, stesso giorno, quel giorno, quello stesso giorno
not: non posso, non posso il, non riesco, non, non il, non alle, tranne, eccetto, tranne il, non di
instead: invece di, invece del, invece delle, al posto di, al posto del, al posto delle, anziché, invece che
reject: non posso, non riesco, non va bene, non mi va bene, non funziona, è troppo tardi, è troppo presto, è impossibile
correct: scusa, scusi, volevo dire, anzi, cioè, no, meglio, aspetta, voglio dire, in realtà
change: spostare, cambiare, modificare, sposta, spostarlo, spostarla, anticipare, posticipare, rimandare, spostiamo
counted: persone, persona, adulti, adulto, bambini, bambino, camere, euro, ospiti, posti, volte, gradi, km, coperti, amici, anni
weekof: settimana del, la settimana del, settimana dal, settimana che inizia il, la settimana che inizia il, settimana che comincia il, settimana di
filler: solo, soltanto, esattamente, proprio
number 2: un paio di, paio di, paio
number 3: alcuni, alcune, qualche
ordinal 1: primo, prima, primi
ordinal 2: (secondo), seconda
ordinal 3: terzo, terza
ordinal 4: (quarto), quarta
ordinal 5: quinto, quinta
suffix: o, a, mo, esimo
holiday 101: capodanno, primo dell'anno
holiday 106: epifania, befana
holiday 214: festa degli innamorati
holiday 319: festa del papà
holiday 425: festa della liberazione, liberazione, la liberazione
holiday 401: pesce d'aprile
holiday 308: festa della donna, festa delle donne
holiday -107: domenica delle palme
holiday -103: giovedì santo
holiday -99: sabato santo
holiday -147: martedì grasso
holiday -146: mercoledì delle ceneri
holiday -61: ascensione
holiday -51: pentecoste
holiday -7: venerdì nero
holiday 501: festa dei lavoratori, festa del lavoro, primo maggio
holiday 602: festa della repubblica, repubblica, la repubblica
holiday 815: ferragosto, assunzione
holiday 1101: ognissanti, tutti i santi
holiday 1102: giorno dei morti, i morti
holiday 1208: immacolata, immacolata concezione
holiday 1224: vigilia di natale, vigilia, la vigilia
holiday 1225: natale
holiday 1226: santo stefano
holiday 1231: san silvestro, notte di san silvestro, vigilia di capodanno, ultimo dell'anno
holiday -1: pasqua, domenica di pasqua
holiday -2: pasquetta, lunedì dell'angelo, lunedì di pasqua
holiday -3: venerdì santo
holiday -4: festa della mamma
nothing: buongiorno, buonasera, buona sera, buona giornata, buona serata, buonanotte, buon pomeriggio, più di, un attimo, un momento, una volta, per ora, a dopo, al giorno, a settimana, un secondo, prima volta, questa volta, di nuovo, di solito, ogni tanto, finora, ora che
askclock: a che ora, che ora, quale orario, che ore, per che ora, verso che ora
askday: che giorno, quale giorno, che data, quale data, per che giorno, in che giorno
askboth: quando, data e ora, giorno e ora
bye: a, ci vediamo, arrivederci, ciao
`
