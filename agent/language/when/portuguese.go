package when

// portuguese is the table of Portuguese.
const portuguese = `
weekday 1: segunda, segunda feira, segundafeira, seg, (2a feira), segundas
weekday 2: terça, terça feira, ter, terças
weekday 3: quarta, quarta feira, qua, quartas
weekday 4: quinta, quinta feira, qui, quintas
weekday 5: sexta, sexta feira, sex, sextas
weekday 6: sábado, sáb, sab, sábados
weekday 7: domingo, dom, domingos
month 1: janeiro, jan
month 2: fevereiro, fev
month 3: março, (mar)
month 4: abril, abr
month 5: maio, mai
month 6: junho, jun
month 7: julho, jul
month 8: agosto, ago
month 9: setembro, set, sep
month 10: outubro, out
month 11: novembro, nov
month 12: dezembro, dez
unit second: segundo, segundos, seg
unit minute: minuto, minutos, min, mins
unit minute 15: quarto de hora, quartos de hora
unit minute 45: três quartos de hora
unit minute 90: hora e meia
unit hour: hora, horas, hs, hrs
unit day: dia, dias
unit night: noites
unit business: dias úteis, dia útil
unit week: semana, semanas
unit week 2: quinzena, quinzenas
unit month: mês, meses
unit year: ano, anos
dayword 0: hoje, o dia de hoje, hj
dayword 1: amanhã, amanha, amanhan
dayword 2: depois de amanhã, dps de amanhã
dayword -1: ontem
dayword -2: anteontem
daypart 0 morning: esta manhã, nesta manhã, essa manhã, hoje de manhã, hoje pela manhã
daypart 0 afternoon: esta tarde, nesta tarde, essa tarde
daypart 0 night: esta noite, nesta noite, essa noite, hoje à noite, hoje a noite
part morning: manhã, da manhã, de manhã, pela manhã, na manhã, à manhã, na parte da manhã, cedo
part morning: madrugada, da madrugada, de madrugada, na madrugada, pela madrugada
part midday: almoço, na hora do almoço, hora do almoço
part afternoon: tarde, da tarde, de tarde, à tarde, a tarde, pela tarde, na tarde, na parte da tarde, tardinha
part night: noites, noite, da noite, de noite, à noite, a noite, pela noite, na noite
now: agora, agora mesmo, já, nesse instante, neste instante, nesse momento, neste momento, imediatamente, o mais rápido possível, o quanto antes, o mais cedo possível
meridiem 1: am, a.m., a.m, a m
meridiem 2: pm, p.m., p.m, p m
oclock: em ponto, horas, hora, hs, hrs
half: meia, meio
quarter: quarto
minus: menos
past: depois das, depois da, passadas das
to: para as, para a, para o, pras, pra as, pra uma, pro
noon 12: meio dia, meiodia, meio-dia
noon 0: meia noite, meianoite
the: o, a, os, as, meu, minha, dia, dias, os dias, o dia, no dia, as datas
one: um, uma
of: de, do, da, dos, das
at: às, as, por volta do, às horas, à, à as, para as, lá pelas, ao, pras, ali pelas, a
atweak: melhor, para, pra
on: antes do dia, o mais tardar dia, o mais tardar no dia, no máximo dia, o mais tardar no dia, no máximo dia, depois do dia, não antes do dia, após o dia, até o dia, até dia, a partir do, até o, desde o, depois do, antes do, após o, no, na, dia, em, ao, nos, pro
in: em, daqui a, daqui, dentro de, no, na, no prazo de, de hoje a
from: desde, de, a partir de, a partir das, a partir do, a partir da, das, do, da, desde as, desde o, começando
until: até dia, até o dia, para, até, até as, até o, até a, a, ao, às, ate, ateh, à
between: entre
and: e
join: e
or: ou, ou então
after: não antes de, não antes das, não antes do, não antes da, nunca antes das, passadas as, após o dia, depois do dia, a partir de, depois de, depois das, depois do, depois da, após, apos, após as, após ao, após o, mais tarde que
before: não depois de, não depois das, não depois do, o mais tardar às, o mais tardar no, o mais tardar dia, no máximo até, no máximo até as, no máximo até às, no máximo até o, no máximo às, antes do dia, antes de, antes das, antes do, antes da, o mais tardar
this: este, esta, neste, nesta, esse, essa, nesse, nessa, deste, desta, dessa, desse
next: próximo, próxima, próximos, próximas, prox, seguinte, seguintes, que vem, que vêm, vindouro
last: passado, passada, passados, passadas, último, última, anterior
every: cada, a cada, todo, toda, todos os, todas as, toda as
often 1 day: diariamente
often 1 week: semanalmente, uma vez por semana
often 1 month: mensalmente, uma vez por mês
often 2 week: quinzenalmente, sim outra não, sim e outra não
onward 1: em diante, ou mais tarde, ou depois, para a frente, pra frente, no mínimo
onward -1: ou antes, o mais tardar, no máximo, ou mais cedo
around: mais ou menos às, lá pelas, ali pelas, por volta do, cerca da, aproximadamente às, perto do, lá para as, à volta das, por volta da, mais ou menos as, por volta de, por volta das, cerca de, cerca das, aproximadamente, mais ou menos, lá por, perto das, umas, em torno das, em torno de, aprox
for: por, durante, para, pra
within: em até, no prazo de
later: (depois), (mais tarde), a partir de agora
ago: há, atrás, ha, faz
edge -1: início de, início do, início da, começo de, começo do, começo da, no início de, no começo do, princípio de
edge 0: meio de, meio do, meados de, em meados de, no meio da
edge 1: fim de, fim do, fim da, final de, final do, final da, no fim do, no final do, no final da, no fim de
edge 2: resto de, resto do, resto da, o resto da
weekend: fim de semana, final de semana, fins de semana, fds, finde
same: mesmo dia, o mesmo dia, no mesmo dia, nesse dia, esse dia, nesse mesmo dia
not: não posso, não posso na, não posso no, não consigo, não, não no, não às, menos, exceto
instead: em vez de, ao invés de, em vez das, em vez da, em vez do, em lugar de, no lugar de, ao invés das
reject: não posso, não consigo, não dá, não funciona, não serve, não vai dar, é impossível
correct: desculpa, desculpe, quero dizer, quis dizer, aliás, digo, ou melhor, melhor, não, espera, na verdade
change: mudar, mover, trocar, remarcar, alterar, passar, muda, mude, adiar, reagendar, transferir
counted: pessoas, pessoa, adultos, adulto, crianças, criança, quartos, reais, euros, real, convidados, vezes, graus, km, lugares
weekof: semana de, a semana de, semana do, semana do dia, a semana do dia, semana que começa, semana que começa em
filler: só, somente, exatamente, mesmo, feira, aí
number 0: zero
number 1: um, uma
number 2: dois, duas
number 3: três, tres, alguns, algumas
number 4: quatro
number 5: cinco
number 6: seis
number 7: sete
number 8: oito
number 9: nove
number 10: dez
number 11: onze
number 12: doze
number 13: treze
number 14: catorze, quatorze
number 15: quinze
number 16: dezesseis, dezasseis
number 17: dezessete, dezassete
number 18: dezoito
number 19: dezenove, dezanove
number 20: vinte
number 30: trinta
number 40: quarenta
number 50: cinquenta
number 2000: dois mil, dois mil e
ordinal 1: primeiro, primeira
ordinal 2: segundo, segunda
ordinal 3: terceiro, terceira
ordinal 4: quarto
ordinal 5: quinto
ordinal 6: sexto
ordinal 10: décimo
ordinal 20: vigésimo
ordinal 30: trigésimo
suffix: o, a, ro
holiday 101: ano novo, dia de ano novo, primeiro do ano
holiday 421: tiradentes
holiday 425: dia da liberdade
holiday 106: dia de reis
holiday 214: dia de são valentim
holiday 401: dia da mentira
holiday 610: dia de portugal
holiday 624: são joão
holiday 1005: implantação da república
holiday 1120: consciência negra, dia da consciência negra
holiday 1201: restauração da independência
holiday 1208: imaculada conceição
holiday 815: assunção
holiday -107: domingo de ramos
holiday -103: quinta feira santa, quinta santa
holiday -99: sábado de aleluia
holiday -147: carnaval, terça de carnaval, terça feira de carnaval
holiday -146: quarta feira de cinzas, quarta de cinzas
holiday -40: corpus christi
holiday -4: dia das mães
holiday -7: sexta feira negra
nthday 872: dia dos pais
holiday 501: dia do trabalho, dia do trabalhador
holiday 612: dia dos namorados
holiday 907: dia da independência
holiday 1012: dia das crianças, nossa senhora aparecida
holiday 1102: finados, dia de finados
holiday 1101: dia de todos os santos, todos os santos
holiday 1115: proclamação da república
holiday 1224: véspera de natal
holiday 1225: natal, dia de natal
holiday 1231: véspera de ano novo, réveillon, reveillon
holiday -3: sexta feira santa, sexta santa
holiday -1: páscoa, domingo de páscoa
nothing: bom dia, boa tarde, boa noite, mais de, um momento, uma vez, por enquanto, por agora, até logo, às vezes, vezes ao dia, vez ao dia, por dia, um segundo, dia a dia, desta vez, já que
askclock: a que horas, que horas, que hora, qual horário, qual o horário, a que hora
askday: que dia, qual dia, qual data, que data, qual o dia, quais datas
askboth: quando, data e hora, dia e hora, dia e horário
bye: até, até a, até o, nos vemos, a gente se vê, tchau
`
