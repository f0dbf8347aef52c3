package when

// german is the table of German. Its numbers and ordinals are made by
// germanNumbers.
const german = `
weekday 1: montag, (mo), montags, montage, montagen
weekday 2: dienstag, (di), dienstags, die.
weekday 3: mittwoch, (mi), mittwochs
weekday 4: donnerstag, (do), donnerstags, don
weekday 5: freitag, (fr), freitags
weekday 6: samstag, (sa), samstags, sonnabend, sonnabends
weekday 7: sonntag, (so), sonntags
month 1: januar, jan, jänner
month 2: februar, feb, feber
month 3: märz, maerz, mär, mrz
month 4: april, apr
month 5: mai
month 6: juni, jun
month 7: juli, jul
month 8: august, aug
month 9: september, sep, sept
month 10: oktober, okt, october
month 11: november, nov
month 12: dezember, dez
unit second: sekunde, sekunden, sek
unit minute: minute, minuten, min
unit minute 15: viertelstunde, viertel stunde, viertelstunden
unit minute 30: halbestunde, halbstunde
unit minute 45: dreiviertelstunde, dreiviertel stunde
unit minute 90: anderthalb stunden, eineinhalb stunden, anderthalbe stunde, anderthalb std, eineinhalb std
unit minute 150: zweieinhalb stunden
unit hour: stunde, stunden, std
unit day: tag, tage, tagen, tages, tg
unit night: nächte, nächten
unit business: werktag, werktage, werktagen, arbeitstag, arbeitstage, arbeitstagen
unit week: woche, wochen
unit month: monat, monate, monaten, monats
unit year: jahr, jahre, jahren, jahres
dayword 0: heute, heut, heutigen tag
dayword 1: morgen, mrgn
dayword 2: übermorgen, uebermorgen
dayword -1: gestern
dayword -2: vorgestern
daypart 0 morning: heute morgen, heute früh, heute vormittag, diesen morgen, heute frueh, heut morgen
daypart 0 evening: heute abend, heut abend, diesen abend
daypart 0 night: heute nacht, diese nacht
daypart 1 morning: morgen früh, morgen vormittag, morgen frueh
part morning: morgens, am morgen, früh, vormittag, vormittags, am vormittag, frühmorgens, in der früh, am frühen morgen, morgen, des morgens, frueh
part midday: mittag, mittags, am mittag, zu mittag, über mittag, mittagszeit
part afternoon: nachmittag, nachmittags, am nachmittag, nachmittgas, am frühen nachmittag, des nachmittags
part evening: abend, abends, am abend, am frühen abend, feierabend, des abends
part night: nacht, nachts, in der nacht, des nachts
now: jetzt, sofort, gleich, gerade eben, jetzt gleich, so bald wie möglich, schnellstmöglich, im moment, so schnell wie möglich, so bald wie möglich
meridiem 1: a.m.
meridiem 2: pm, p.m., p.m
oclock: uhr
half: halb, halbe, halben, halber, halbes
quarter: viertel, viertl
threequarter: dreiviertel, drei viertel
past: nach
to: vor
noon 12: 12 uhr mittags
noon 0: mitternacht
the: der, die, das, den, dem, des, mein, meine, meinen
one: ein, eine, einer, einem, einen, eines, ner, nem, ne, n
of: von, des, vom, der
at: um, zu, um punkt, punkt, schlag, um genau, so um punkt
atweak: lieber, sagen wir
on: vom, ab dem, bis zum, bis am, nach dem, vor dem, von dem, am, den, der, dem, an, auf den, für den
in: in, im, binnen
from: von, vom, ab, seit, ab dem, beginnend, von dem
until: bis, bis zum, bis um, zum, bis am
between: zwischen
and: und
or: oder, bzw, oder aber
after: nicht vor, nicht vor dem, nicht früher als, frühestens am, frühestens ab, erst ab, erst nach, nach der, erst ab dem, nach, nach dem, später als, frühestens, frühstens, frühestens um, nicht vor, ab
before: vor, vor dem, bis spätestens, spätestens, spätestens um, früher als, bis
this: diese, dieser, dieses, diesen, diesem, aktuelle, aktuellen
coming: kommende, kommender, kommendes, kommenden, kommendem, (kommt)
next: nächste, nächster, nächstes, nächsten, nächstem, naechste, naechsten, naechster, naechstes, folgende, folgenden, nächst
afternext: übernächste, übernächsten, übernächster, übernächstes, uebernächste, übernächstem
last: letzte, letzter, letztes, letzten, letztem, vergangene, vergangenen, vorige, vorigen
every: jede, jeder, jedes, jeden, jedem, alle
everyother: jeden zweiten, jede zweite, jeder zweite, jedes zweite, jeden 2., alle zwei, jede 2., jeden anderen
often 1 day: täglich, tagtäglich
often 1 week: wöchentlich, einmal die woche, einmal pro woche
often 1 month: monatlich, einmal im monat
often 2 week: vierzehntägig, zweiwöchentlich, 14 tägig
onward 1: oder später, oder danach, aufwärts, und später, frühestens
onward -1: oder früher, oder vorher, und früher, spätestens
around: gegen, circa, ca, ca., ungefähr, etwa, so um, so gegen, rund um, zirka, in etwa, ca. um, so, herum, ungefähr um, circa um, ca um
for: für, während, dauer
within: innerhalb, innerhalb von, binnen
later: (später), danach, ab jetzt
edge -1: anfang, beginn, anfang des, anfang der, früh am, am anfang, zu beginn des, zu beginn der, am anfang des
edge 0: mitte, mitte des, mitte der
edge 1: ende, ende des, ende der, am ende des, am ende der, spät am, am ende
edge 2: rest der, rest des, der rest der
weekend: wochenende, wochenenden, we
same: am selben tag, am gleichen tag, selber tag, denselben tag, gleichen tag, an dem tag, an diesem tag
not: kann nicht, nicht, außer, ausser, bloß nicht
instead: statt, anstatt, anstelle von
reject: kann ich nicht, kann ich leider nicht, geht nicht, passt nicht, passt mir nicht, klappt nicht, geht leider nicht, passt leider nicht, ist zu spät, ist zu früh
correct: nein, sorry, entschuldigung, ich meine, ich meinte, doch lieber, lieber, besser, quatsch, moment, beziehungsweise, eher, ne
change: verschieben, verlegen, ändern, umbuchen, verschiebe, verlege, wechseln, tauschen, vorverlegen
counted: personen, person, leute, erwachsene, kinder, kind, zimmer, euro, gäste, plätze, mal, grad, km, prozent, tische, kollegen, freunde, stück, mann
weekof: woche vom, die woche vom, woche ab, woche ab dem, in der woche vom
filler: genau, exakt, gern, gerne, bitte, da, also, dann, einfach, terminlich, sein
suffix: te, ten, ter, tes, tem, ste, sten, ster
number 2: paar, ein paar
holiday 101: neujahr, neujahrstag
holiday 106: heilige drei könige, dreikönigstag
holiday 401: erster april
holiday 1106: sankt nikolaus
holiday 1111: sankt martin, martinstag
holiday -107: palmsonntag
holiday -103: gründonnerstag
holiday -99: karsamstag
holiday -147: faschingsdienstag, fastnacht
holiday -7: schwarzer freitag
holiday 501: tag der arbeit, maifeiertag
holiday 624: johannistag
holiday 1003: tag der deutschen einheit
holiday 1026: nationalfeiertag
holiday 1031: reformationstag
holiday 1101: allerheiligen
holiday 1206: nikolaus, nikolaustag
holiday 1224: heiligabend, heilig abend, heiliger abend
holiday 1225: weihnachten, weihnachtstag, erster weihnachtstag, ersten weihnachtstag
holiday 1226: zweiter weihnachtstag, zweiten weihnachtstag
holiday 1231: silvester
holiday -1: ostern, ostersonntag
holiday -2: ostermontag
holiday -3: karfreitag
holiday -61: himmelfahrt, christi himmelfahrt
holiday -51: pfingsten, pfingstsonntag
holiday -50: pfingstmontag
holiday -40: fronleichnam
holiday -4: muttertag
holiday -148: rosenmontag
holiday -146: aschermittwoch
nothing: guten morgen, guten tag, guten abend, gute nacht, schönen tag, schönen abend, einen moment, mehr als, nach wie vor, tag für tag, eines tages, vor allem, vor ort, pro tag, pro woche, auf einmal, diesmal, nach hause, am besten, zum beispiel, am liebsten, zu zweit, um zu, der eine, noch ein, noch eine, moin
askclock: um wie viel uhr, wie viel uhr, welche uhrzeit, wieviel uhr, um wieviel uhr, zu welcher uhrzeit, welche zeit
askday: welcher tag, welchen tag, welches datum, an welchem tag, welchem tag, welcher wochentag
askboth: wann, datum und uhrzeit, tag und uhrzeit
bye: bis, bis zum, wir sehen uns, tschüss
`
