package when

// french is the table of French.
const french = `
weekday 1: lundi, lun, lundis
weekday 2: mardi, (mar), mardis
weekday 3: mercredi, mer, mercredis, (mercr)
weekday 4: jeudi, jeu, jeudis
weekday 5: vendredi, ven, vendr, vendredis
weekday 6: samedi, sam, samedis
weekday 7: dimanche, dim, dimanches
month 1: janvier, janv, jan, jnv
month 2: février, fév, fevr, fev
month 3: mars, (mar)
month 4: avril, avr
month 5: mai
month 6: juin
month 7: juillet, juil, jul, jui
month 8: août, aout
month 9: septembre, sept, sep
month 10: octobre, oct
month 11: novembre, nov
month 12: décembre, déc, dec
unit second: seconde, secondes, sec
unit minute: minute, minutes, min, mn, mns
unit minute 15: quart d'heure, quarts d'heure
unit minute 30: demi heure, demie heure
unit minute 45: trois quarts d'heure, 3 quarts d'heure
unit minute 90: heure et demie, heure trente
unit hour: heure, heures
unit day: jour, jours, journée, journées
unit night: nuits
unit business: jours ouvrables, jour ouvrable, jours ouvrés
unit week: semaine, semaines
unit week 2: quinzaine, quinzaines
unit month: mois
unit year: an, ans, année, années
dayword 0: aujourd'hui, aujourd hui, aujourdhui, ce jour, auj
dayword 1: demain, le lendemain, lendemain, dem1
dayword 2: après demain, apres demain, surlendemain, le surlendemain
dayword -1: hier
dayword -2: avant hier
daypart 0 morning: ce matin, cette matinée
daypart 0 afternoon: cet après midi, cette après midi, cet aprem, cet aprèm, ce l'apres-midi, ce l après midi
daypart 0 evening: ce soir, cette soirée
daypart 0 night: cette nuit
daypart -1 evening: hier soir
part morning: matin, du matin, le matin, matinée, la matinée, dans la matinée, en matinée, au matin, dans le matin, de matin, du matinée, de la matinée, dans la matinee, les matins
part midday: déjeuner, l'heure du déjeuner, heure du déjeuner, à l'heure du déjeuner, le midi, ce midi, le déjeuner
part afternoon: après midi, apres midi, l'après-midi, de l'après-midi, dans l'après-midi, d'après-midi, aprem, aprèm, l'aprem, en après-midi, les après-midi
part evening: soir, du soir, le soir, soirée, la soirée, dans la soirée, en soirée, de la soirée, au soir, dans le soirée, du soirée, dans soirée
part night: nuit, la nuit, de nuit, de la nuit, dans la nuit
now: maintenant, de suite, tout de suite, immédiatement, dès que possible, sur le champ, tout à l'instant, en ce moment, le plus tôt possible, au plus vite, le plus vite possible, aussitôt que possible
meridiem 1: am, a.m., a.m, a m
meridiem 2: pm, p.m., p.m, p m
oclock: heure, heures, h, hrs, heure pile, pile, heures pile
half: demi, demie
quarter: quart
minus: moins
past: passé
noon 12: midi, milieu de midi, milieu du jour, milieu de la journée, mi journée
noon 0: minuit
noon 10: milieu de matinée, mi matinée
noon 14: milieu d'après-midi, milieu de l'après-midi, mi après midi
the: le, la, les, l, mon, ma, ce, les jours, au jour du
one: un, une
of: de, du, d, d', du mois de, du mois d', au mois de
at: à, a, à l, aux, vers, à la
atweak: plutôt, disons
on: à partir du, depuis le, jusqu'au, après le, avant le, dès le, à compter du, le, au, pour le, sur, du, en, au plus tard le, pas avant le, d'ici le, d'ici au, les jours, des le, à compter du
in: dans, en, d'ici à, au cours des, au cours de, dans le courant de, courant
from: de, du, depuis, depuis le, dès le, dès, des, à partir de, à partir du, à compter de, à compter du, depuis les
until: à, a, au, jusqu'à, jusqu'au, jusqu'a, jusqu à, jusque, jusqu'en
between: entre
and: et
join: et
or: ou, ou bien
after: pas avant, pas avant le, pas plus tôt que, au plus tôt, au plus tôt le, au plus tôt à, passé le, postérieur à, après, passé, plus tard que, après le
before: pas après, pas après le, pas plus tard que, au plus tard à, d'ici le, d'ici au, jusqu'au plus tard, avant les, avant la, avant, avant le, au plus tard, au plus tard le, avant de
this: ce, cet, cette, ces
next: prochain, prochaine, prochains, prochaines, suivant, suivante, suivants, suivantes, qui vient, à venir
last: dernier, dernière, derniers, dernières, passé, passée
every: chaque, tous les, toutes les
often 1 day: quotidiennement
often 1 week: hebdomadairement, une fois par semaine
often 1 month: mensuellement, une fois par mois
often 2 week: sur deux
onward 1: ou plus tard, ou après, et plus tard, et au delà, et après, au plus tôt
onward -1: ou plus tôt, ou avant, au plus tard, dernier délai, maximum
around: plus ou moins à, à peu près à, environ à, aux environs de, aux alentours des, autour des, grosso modo, vers, environ, autour de, aux environs de, aux alentours de, à peu près, peu près, plus ou moins, approximativement, vers les, env
for: pour, pendant, durant
within: d'ici, en moins de, sous
later: (plus tard), à partir de maintenant
ago: il y a, y a
edge -1: début de, début, début du, au début de, en début de, au début du, tôt, très tôt, début d
edge 0: milieu de, milieu du, mi, en milieu de, au milieu de, milieu d
edge 1: fin de, fin, fin du, à la fin de, en fin de, la fin de, à la fin du, tard, fin d, à la fin d
edge 2: reste de, le reste de, reste du
weekend: week end, weekend, we, fin de semaine
same: le même jour, même jour, ce jour là, ce jour-là
not: je ne peux pas, je peux pas, pas, sauf, pas le, pas à, sauf le, excepté
instead: au lieu de, au lieu du, plutôt que, plutôt que le, à la place de, à la place du
reject: je ne peux pas, je peux pas, ne va pas, ne marche pas, ne me convient pas, n'est pas possible, ça ne va pas, impossible
correct: pardon, désolé, désolée, je veux dire, enfin, plutôt, non, excusez moi, je voulais dire, attendez, finalement
change: déplacer, changer, décaler, reporter, modifier, avancer, repousser, déplacez, changez, passer
counted: personnes, personne, adultes, adulte, enfants, enfant, chambres, euros, euro, couverts, convives, fois, degrés, km, places, invités, gens, boulevard, rue, avenue
weekof: semaine du, la semaine du, semaine de, la semaine de, semaine commençant le, la semaine qui commence le
filler: sur, exactement, seulement, tout, juste
number 0: zéro
number 1: un, une
number 2: deux, quelques, une paire de, une couple de
number 3: trois
number 4: quatre
number 5: cinq
number 6: six
number 7: sept
number 8: huit
number 9: neuf
number 10: dix
number 11: onze
number 12: douze
number 13: treize
number 14: quatorze
number 15: quinze
number 16: seize
number 17: dix sept
number 18: dix huit
number 19: dix neuf
number 20: vingt
number 30: trente
number 40: quarante
number 50: cinquante
number 2000: deux mille, deux mil
ordinal 1: premier, première
ordinal 2: deuxième
ordinal 3: troisième
ordinal 4: quatrième
ordinal 5: cinquième
ordinal 6: sixième
ordinal 10: dixième
suffix: er, ere, eme, e, ier, ème, nd, ieme, re, de, nde
holiday 101: jour de l'an, nouvel an, le jour de l'an, jour du nouvel an, premier de l'an
holiday 106: épiphanie
holiday 401: poisson d'avril
holiday 214: fête des amoureux
holiday -107: dimanche des rameaux, rameaux
holiday -103: jeudi saint
holiday -147: mardi gras
holiday -146: mercredi des cendres
holiday -7: vendredi noir
nthday 579: fête des mères
nthday 673: fête des pères
holiday 501: fête du travail, premier mai
holiday 508: huit mai, armistice 1945
holiday 714: fête nationale
holiday 815: assomption
holiday 1101: toussaint, la toussaint
holiday 1111: armistice, onze novembre
holiday 1224: réveillon de noël, veille de noël
holiday 1225: noël, jour de noël
holiday 1231: saint sylvestre, réveillon du nouvel an, veille du jour de l'an, réveillon
holiday -1: pâques, dimanche de pâques
holiday -2: lundi de pâques
holiday -3: vendredi saint
holiday -61: ascension, jeudi de l'ascension
holiday -51: pentecôte
holiday -50: lundi de pentecôte
nothing: bonjour, bonsoir, bonne journée, bonne soirée, bonne nuit, plus de, un moment, une fois, pour l'instant, tout à l'heure, à tout à l'heure, de temps en temps, par jour, par semaine, une seconde, cette fois, tout le temps, du jour, pour le moment, un de, une de, l'un
askclock: à quelle heure, quelle heure, quel horaire, quelles heures, vers quelle heure
askday: quel jour, quelle date, quels jours, quelles dates, à quelle date
askboth: quand, date et heure, jour et heure
bye: à, a, au, on se voit, au revoir, à plus
`
