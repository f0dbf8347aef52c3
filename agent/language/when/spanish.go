package when

// spanish is the table of Spanish.
const spanish = `
weekday 1: lunes, lun, (lu), lúnes
weekday 2: martes, (mar), (ma)
weekday 3: miércoles, mié, mie, mier, (mi), miérc, miercoes
weekday 4: jueves, jue, (ju)
weekday 5: viernes, vie, vier, (vi)
weekday 6: sábado, sáb, sab, (sa)
weekday 7: domingo, dom, (do)
weekdays 1: los lunes
weekdays 2: los martes
weekdays 3: los miércoles
weekdays 4: los jueves
weekdays 5: los viernes
weekdays 6: los sábados, sábados
weekdays 7: los domingos, domingos
month 1: enero, ene, ener
month 2: febrero, feb, febr
month 3: marzo, (mar)
month 4: abril, abr
month 5: mayo, may
month 6: junio, jun
month 7: julio, jul
month 8: agosto, ago, agto
month 9: septiembre, setiembre, sep, sept, set
month 10: octubre, oct
month 11: noviembre, nov
month 12: diciembre, dic
unit second: segundo, segundos, seg
unit minute: minuto, minutos, min, mins
unit minute 15: cuarto de hora, cuartos de hora
unit minute 45: tres cuartos de hora, 3 cuartos de hora
unit minute 90: hora y media
unit hour: hora, horas, hr, hrs, horita, horitas
unit day: día, días
unit night: noches
unit business: días hábiles, día hábil, días laborables, día laborable
unit week: semana, semanas
unit week 2: quincena, quincenas
unit month: mes, meses
unit year: año, años
dayword 0: hoy, el día de hoy, hoy mismo, hoy día
dayword 1: mañana, manana, el día de mañana, mñn
dayword 2: pasado mañana, pasadomañana
dayword -1: ayer
dayword -2: anteayer, antes de ayer
daypart 0 morning: esta mañana, hoy por la mañana, hoy en la mañana
daypart 0 afternoon: esta tarde
daypart 0 night: esta noche, hoy a la noche
daypart -1 night: anoche, ayer por la noche
part morning: por la mañana, de la mañana, en la mañana, la mañana, a la mañana, en las mañanas, por las mañanas, por la manana, en la manana, de la manana
part morning: madrugada, de la madrugada, por la madrugada, en la madrugada, de madrugada
part midday: almuerzo, la hora de comer, del mediodía, al mediodía de
part afternoon: tarde, tardes, por la tarde, de la tarde, en la tarde, a la tarde, las tardes, por las tardes, las tarde
part evening: atardecer
part night: noche, por la noche, de la noche, en la noche, a la noche, las noches, por las noches, de noche
now: ahora, ahora mismo, ya, en este momento, inmediatamente, lo antes posible, cuanto antes, lo más pronto posible, enseguida
early morning: temprano, bien temprano, muy temprano, tempranito, a primera hora, a primera hora de la mañana, temprano por la mañana, temprano en la mañana
meridiem 1: am, a.m., a.m, a m
meridiem 2: pm, p.m., p.m, p m
oclock: en punto, horas, hora, hrs, hr, hs
half: media, medio
quarter: cuarto
minus: menos
past: pasadas, pasadas las, pasadas de las, y pasadas
to: para las, para la, para el, para que sean las, para ser las
noon 12: mediodía, medio día, medio dia, 12 del mediodía
noon 0: medianoche, media noche
the: el, la, los, las, mi, lo, los días, la fecha, (día)
one: un, una, uno
of: de, del
at: a las, a la, las, a, para las, a eso de, al, tipo
atweak: mejor, para
on: a partir del, desde el, hasta el, después del, antes del, el, día, al, del, para el, en, a más tardar el, como muy tarde el, no más tarde del, los días
in: en, dentro de, de aquí a, de acá a, al cabo de, en un plazo de
from: a contar del, a contar de, desde, de, a partir de, a partir del, desde el, desde las, desde la, empezando, del
until: hasta, hasta el, a, al, a las
untilclock: hasta las, hasta la
between: entre
and: y
join: y
or: o, u, o bien
after: no antes de, no antes de las, no antes de la, no antes del, no antes, después de la, a partir de las, a partir de la, más allá de, más allá del, a contar de, después de, despues del, después del, después de las, tras, luego de, pasadas las, más tarde de, más tarde de las, a partir
before: no después de, no después de las, no más tarde de, no más tarde de las, no más tarde del, no más allá del, como máximo a las, como máximo el, a más tardar a las, a más tardar el, como muy tarde a las, como muy tarde el, como mucho a las, previo a, previo al, antes de, antes del, antes de las, antes de la, a más tardar, como muy tarde
this: este, esta, éste, ésta
next: próximo, próxima, próximos, próximas, prox, siguiente, siguientes, que viene, que vienen, entrante, que entra, venidero
last: pasado, pasada, pasados, pasadas, último, última, anterior
every: cada, todos los, todas las, a cada
often 2 day: un día sí y otro no, día sí día no, un día sí un día no, día por medio
often 1 day: diariamente, a diario, diario, todos los santos días
often 1 week: semanalmente, una vez a la semana, una vez por semana
often 1 month: mensualmente, una vez al mes
often 2 week: quincenalmente, semana sí semana no, una semana sí y otra no, sí y otro no, sí y uno no
onward 1: en adelante, o más tarde, o después, para adelante, o posterior, como mínimo, como pronto
onward -1: o antes, como muy tarde, a más tardar, como tarde, como máximo
around: más o menos a las, aproximadamente a las, cerca del, a eso del, alrededor del, por ahí de las, por ahí a las, tipo, más o menos sobre las, aprox a las, como las, casi a las, más o menos las, alrededor de la, como a la, a eso de la, hacia la, sobre la, alrededor de, alrededor de las, sobre, sobre las, hacia, hacia las, aproximadamente, como a, más o menos, cerca de las, cerca de, a eso de las, aprox
for: por, durante, para
within: en menos de, dentro de menos de, en un plazo de, en el plazo de, antes de que pasen, dentro del plazo de
later: (después), (más tarde), a partir de ahora, desde ahora, a partir de este momento
ago: hace, atrás
edge -1: primeros de, a primeros de, los primeros días de, inicios del, comienzos del, a comienzos de, a comienzos del, a principios del, principios del, principio del, a inicios del, al inicio de, al comienzo de, al principio de, a primera hora de, temprano en, temprano por, temprano de, principios de, principio de, inicios de, inicio de, comienzos de, comienzo de, a principios de, a principio de, a inicios de
edge 0: mediados del mes de, a mediados del mes de, mediados del, a mediados del, la mitad de, a media, mediados de, a mediados de, mitad de, a mitad de
edge 1: finales del, fines del, a finales del, a fines del, final del, al final del, fin del, a última hora de, última hora de, los últimos días de, final de, finales de, fines de, fin de, al final de, a finales de, a fines de, a fin de, al fin de, tarde en
edge 2: resto de, el resto de, lo que queda de, resto
weekend: fin de semana, finde, fin de sem, fines de semana
same: el mismo día, ese día, ese mismo día, mismo día, ese dia, el mismo dia
not: no puedo el, no puedo, no me va bien el, no me viene bien el, no el, no a las, no, menos el, excepto, salvo, excepto el
instead: en lugar de, en vez de, en lugar del, en vez del
reject: no puedo, no me va bien, no me viene bien, no me sirve, no funciona, es imposible, es muy tarde, es muy temprano
correct: perdón, perdona, disculpa, quiero decir, quise decir, digo, mejor, mejor dicho, no, espera, corrijo
change: mover, cambiar, cambia, cámbiame, cambiarla, cambiarlo, reprogramar, pasar, moverla, moverlo, aplazar, muéveme
counted: personas, persona, adultos, adulto, niños, niño, niñas, habitaciones, euros, pesos, dólares, gente, comensales, de nosotros, cuadras, grados, veces, km, sillas, mesas, invitados, puntos
weekof: semana de, la semana de, semana del, la semana del, semana que comienza, la semana que comienza, semana que empieza, la semana que empieza, semana que va, semana que va de, semana que va del, semana a partir, semana a partir de, semana a partir del, la semana que va del, semana que inicia
aside: me, le, te, nos, si, sí, que, porque, pero, es, está, estaría, sería, viene, va, vendría, puedo, puede, podría, podemos, quiero, con, sin, gracias, vale, bien, genial, perfecto, mejor, ideal, también, además, cuando, donde, entonces, así, tengo, tiene, tienen, hay, nada, solo, sólo
filler: sobre todo, pues, solo, solamente, exactamente
number 0: cero
number 1: uno, una, un, la una
number 2: dos, ambos, un par de, par de
number 3: tres, unos
number 4: cuatro
number 5: cinco
number 6: seis
number 7: siete
number 8: ocho
number 9: nueve
number 10: diez
number 11: once
number 12: doce
number 13: trece
number 14: catorce
number 15: quince
number 16: dieciséis
number 17: diecisiete
number 18: dieciocho
number 19: diecinueve
number 20: veinte
number 21: veintiuno, veintiún, veintiuna
number 22: veintidós
number 23: veintitrés
number 24: veinticuatro
number 25: veinticinco
number 26: veintiséis
number 27: veintisiete
number 28: veintiocho
number 29: veintinueve
number 30: treinta
number 40: cuarenta
number 50: cincuenta
number 60: sesenta
number 70: setenta
number 80: ochenta
number 90: noventa
number 2000: dos mil
ordinal 1: primero, (primer), primera, primeros, primeras
ordinal 2: (segundo), segunda
ordinal 3: tercero, tercer, tercera
ordinal 4: (cuarto), cuarta
ordinal 5: quinto, quinta
ordinal 6: sexto, sexta
ordinal 10: décimo, décima
suffix: o, ro, do, er, a, ra, da, ta, ma, va, na, to, mo, vo, no, ero, era
holiday 101: año nuevo, día de año nuevo, primero de año
holiday 106: reyes, día de reyes
holiday 501: día del trabajo, día del trabajador, día de los trabajadores
holiday 1012: día de la hispanidad
holiday 1101: todos los santos, día de todos los santos
holiday 1102: día de muertos, día de los muertos
holiday 1206: día de la constitución
holiday 1224: nochebuena, víspera de navidad
holiday 319: día del padre, san josé
holiday 425: día de la liberación
holiday 1208: inmaculada, día de la inmaculada, la inmaculada concepción
holiday 1012: día de la raza, el pilar, día del pilar
holiday 815: asunción, día de la asunción
holiday 624: san juan, noche de san juan
holiday 916: día de la independencia
holiday 505: cinco de mayo
holiday 1228: santos inocentes, día de los inocentes
holiday 214: día de los enamorados, día del amor, día del amor y la amistad
holiday 1120: día de la revolución
holiday -107: domingo de ramos
holiday -103: jueves santo
holiday -99: sábado santo, sábado de gloria
holiday -2: lunes de pascua
holiday -146: miércoles de ceniza
holiday -40: corpus christi
holiday -61: ascensión
holiday -51: pentecostés
holiday -7: viernes negro
holiday -8: lunes cibernético, ciber lunes
holiday -5: acción de gracias, día de acción de gracias
nthday 571: día de la madre, día de las madres
holiday 1225: navidad, día de navidad
holiday 1231: nochevieja, fin de año, víspera de año nuevo, noche vieja
holiday -3: viernes santo
holiday -1: pascua, domingo de pascua, domingo de resurrección
nothing: buenos días, buen día, buenas tardes, buenas noches, buenas, más de, un momento, una vez, por ahora, hasta luego, en cuanto, a veces, esta vez, ya que, ya no, hasta ahora, de una vez, a la vez, día a día, ya está, de nada
nothing: un segundo, a la semana, al día, por día
askclock: a qué hora, qué hora, qué horario, a que horas
askday: qué día, qué fecha, para qué día, qué días, cuál fecha
askboth: cuándo, fecha y hora, día y hora
bye: hasta, hasta el, nos vemos, nos vemos el, te veo, chao, adiós
`
