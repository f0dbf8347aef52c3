package when

// english is the table of English.
const english = `
weekday 1: monday, (mon), munday
weekday 2: tuesday, tue, tues, teusday, tusday
weekday 3: wednesday, (wed), weds, wensday, wendesday, wednsday
weekday 4: thursday, thu, thur, thurs, thrusday
weekday 5: friday, fri, frday
weekday 6: saturday, (sat), saterday
weekday 7: sunday, (sun)
weekdays 1: mondays
weekdays 2: tuesdays
weekdays 3: wednesdays
weekdays 4: thursdays
weekdays 5: fridays
weekdays 6: saturdays
weekdays 7: sundays
month 1: january, jan
month 2: february, feb, febuary
month 3: (march), mar
month 4: april, apr
month 5: (may)
month 6: june, jun
month 7: july, jul
month 8: august, aug
month 9: september, sep, sept
month 10: october, oct
month 11: november, nov
month 12: december, dec, decem
dayword 0: (the day)
unit second: second, seconds, sec, secs
unit minute: minute, minutes, min, mins, m
unit minute 15: quarter hour, quarter of an hour, a quarter of an hour, quarter of hour
unit minute 45: three quarters of an hour, three quarter hours, 3 quarters of an hour, 3/4 of an hour
unit hour: hour, hours, hr, hrs
unit day: day, days, the day
unit night: night, nights
unit business: business day, business days, working day, working days, workday, workdays, weekday, weekdays
unit week: week, weeks, wk, wks
unit week 2: fortnight, fortnights
unit month: month, months
unit year: year, years, yr, yrs
dayword 0: today, 2day, later today
dayword 1: tomorrow, tomorow, tmrw, tmr, tmw, tomo, tommorow, tomoz, the next day, the following day
dayword 2: day after tomorrow, the day after tomorrow, day after tmrw, overmorrow
dayword -1: yesterday, ystd
dayword -2: day before yesterday, the day before yesterday
daypart 0 night: tonight, tonite, 2night, tonigth
daypart -1 night: last night
part morning: morning, mornings, in the morning, the morning, of the morning
part midday: lunch, lunchtime, lunch time, at lunch
part morning: earlier in the day, early in the day
part afternoon: later in the day, late in the day, afternoon, afternoons, in the afternoon, arvo, the afternoon, of the afternoon
part evening: evening, evenings, in the evening, eve, the evening, of the evening
part night: night, at night, in the night, nighttime, nite
now: now, from now, right now, straight away, immediately please, asap, immediately, just now, right away, as soon as possible, as early as possible, as soon as you can, at once
meridiem 1: am, a.m., a.m, a m, in the am
meridiem 2: p, pm, p.m., p.m, p m, in the pm
oclock: o clock, oclock, clock, o clock sharp, hundred hours, sharp
half: half, half an
quarter: quarter, a quarter
past: past, after
to: to, til, till, before, of
noon 12: noon, midday, mid day, 12 noon, twelve noon, the midday, noontime, noonday, noonish, middayish
noon 10: midmorning, mid morning
noon 14: midafternoon, mid afternoon
noon 0: midnight, mid night, 12 midnight, twelve midnight
the: the, my, your, our
one: a, an
of: of
at: at
atweak: make it, say, for
on: on
in: in, in like, in just, in maybe, in only, in exactly
begin: starting, starting from, beginning, starting on, starting at, beginning on, commencing, commencing on
from: from, since, as of, effective, start from, starts from
until: until, till, til, untill, through, thru, to, up to, ending, ending on, ending at, and ending at
until: up until
between: between, btw, btwn
and: and, n
or: or
after: after, on or after, at or after, no sooner than, not earlier than, not until, not till, beyond, upwards of, later than, any time after, anytime after, past, not before, no earlier than
before: before, by, on or before, at or before, no later than the, sooner than, at the latest on, at the latest at, at the latest, not after, no later, not later, up until, up till, earlier than, no later than, not later than, at the latest by, prior to
this: this, current, the current
next: next, following, the next, the following, upcoming
coming: coming, the coming, this coming, the next coming
last: last, past, previous, the last, final, the final
every: every, each
everyother: alternate, alternating, every other, each other, every second, every 2nd, each second
often 1 day: daily, every single day, everyday, nightly
often 1 business: on weekdays, on workdays, on working days, on business days
often 1 week: weekly, once a week
often 1 month: monthly, once a month
often 2 week: biweekly, fortnightly
onward 1: onwards, onward, or later, or after, or thereafter, and onwards, at the earliest, or any time after
onward -1: or earlier, or before, at the latest, or sooner, latest
around: around, about, approximately, approx, roughly, circa, ca, close to, nearly, at around, at about, near, probably around
for: for, lasting, will last for, duration of
within: within, less than, in less than
later: (later), from now, hence, out, time, s time, from this moment, after that, afterwards
ago: ago, (earlier), before now, back
edge -1: first days of, the first days of, beginning of, start of, early, the beginning of, the start of, early in, at the beginning of, at the start of, early on
edge 0: halfway through, half way through, midway through, middle of, mid, the middle of, in the middle of
edge 1: last days of, the last days of, towards the end of, toward the end of, end of, the end of, late, at the end of, late in, late on
weekend: weekend, weekends, wknd, week end
same: same day, the same day, that day, that same day, that date, the same date, that very day
not: can t, cannot, cant, can t do, cant do, cannot do, can not do, can t make, cant make, cannot make, can t make it, cant make it, can t make it on, can t on, not available on, not free on, busy on, not free, not available
not: not, except, anything but, any day but, any day except, anything except, any time but, any time except, apart from, other than, never, not on, not at, not for, but not
instead: instead of, rather than, in place of
reject: can t, cannot, cant, doesn t work, does not work, won t work, isn t good, is no good, isn t possible, doesnt work, wont work, is not good, doesn t suit, not possible, is too late, is too early, no longer works, is impossible, is out
correct: no, sorry, actually, i mean, i meant, rather, wait, make that, make it, or rather, scratch that, correction, instead, let s say
change: move, change, reschedule, shift, switch, push, moved, changed, rescheduled, postpone, moving, changing, rebook, bring forward, brought forward
counted: people, persons, person, adults, adult, kids, kid, children, child, guests, guest, tickets, ticket, seats, seat, rooms, room, bedroom, bedrooms, dollars, dollar, euros, euro, bucks, percent, star, stars, of us, pax, friends, passengers, beds, bed, miles, km, degrees, times, years old, items, pieces, x
counted: dishes, drinks, sessions, treatments, persons, babies, infants, toddlers, teens, students, employees, colleagues, coworkers, doctors, dogs, cats, pets, others, other people, party, stops, stop, bags, bag, of them, families, women, men, options, travelers, travellers, tables, table, more
edge 2: rest of, the rest of, remainder of
weekof: w/c, week of, the week of, week beginning, the week beginning, week starting, the week starting, week commencing, the week that begins
aside: only, would, will, is, are, was, works, work, if, but, because, cause, cuz, as, so, then, when, where, should, can, could, do, does, did, with, without, i, we, you, he, she, it, they, thanks, thank, ok, okay, unless, though, might, also, too, suits, seems, looks, sounds, fits, good, best, fine, great, ideal, perfect, better, has, have, while, there, just, still, even
filler: how about, what about, exactly, sometime, some time, maybe, date, pls, please, preferably, either, perhaps, local, roundabout
around: ish, noonish, middayish
own: s
early morning: first thing, first thing in the morning, bright and early, first thing in the am
number 0: zero
number 1: one
number 2: two, couple of, a couple of, couple, a couple
number 3: three, few, a few, several
number 4: four
number 5: five
number 6: six
number 7: seven
number 8: eight
number 9: nine
number 10: ten
number 11: eleven
number 12: twelve
number 13: thirteen
number 14: fourteen
number 15: fifteen
number 16: sixteen
number 17: seventeen
number 18: eighteen
number 19: nineteen
number 20: twenty
number 30: thirty
number 40: forty, fourty
number 50: fifty
number 60: sixty
number 70: seventy
number 80: eighty
number 90: ninety
number 2000: two thousand, two thousand and
ordinal 1: first
ordinal 2: (second)
ordinal 3: third
ordinal 4: fourth
ordinal 5: fifth
ordinal 6: sixth
ordinal 7: seventh
ordinal 8: eighth
ordinal 9: ninth
ordinal 10: tenth
ordinal 11: eleventh
ordinal 12: twelfth
ordinal 13: thirteenth
ordinal 14: fourteenth
ordinal 15: fifteenth
ordinal 16: sixteenth
ordinal 17: seventeenth
ordinal 18: eighteenth
ordinal 19: nineteenth
ordinal 20: twentieth
ordinal 30: thirtieth
suffix: st, nd, rd, th
holiday 214: valentines, valentine s, valentine day
holiday 1226: st stephen s day, st stephens day, st. stephen s day
holiday 1031: all hallows eve, all hallows' eve
holiday 106: epiphany, three kings day
holiday 202: groundhog day
holiday 314: pi day
holiday 317: saint patrick's day, st patrick's day, st. patrick's day, saint patricks day, st patricks day, st paddy's day
holiday 401: april fools, april fool's, april fools day, april fool's day, april fools' day, all fools day
holiday 422: earth day
holiday 505: cinco de mayo
holiday 619: juneteenth
holiday 1101: all saints day, all saints' day, all saint's day, all hallows
holiday 1102: all souls day, all souls' day
holiday 1105: guy fawkes, guy fawkes night, guy fawkes day, bonfire night
holiday 1111: veterans day, veteran's day, veterans' day, remembrance day, armistice day
holiday 1031: halloween night
nthday 113: mlk day, martin luther king day, martin luther king jr day, martin luther king jr. day, mlk jr day, mlk jr. day
nthday 213: presidents day, president's day, presidents' day, washington's birthday
nthday 519: memorial day
nthday 673: father's day, fathers day, fathers' day
nthday 1012: columbus day, indigenous peoples day, indigenous peoples' day, indigenous people's day
holiday -7: black friday
holiday -8: cyber monday
holiday -107: palm sunday
holiday -103: maundy thursday, holy thursday
holiday -99: holy saturday, easter saturday
holiday -147: mardi gras, shrove tuesday, pancake day, fat tuesday
holiday -146: ash wednesday
holiday -61: ascension day, ascension
holiday -51: pentecost, whit sunday, whitsun
holiday -50: whit monday, pentecost monday
holiday 101: new year s day, new year day, new years day, new year, new years, new year's
holiday 501: workers day, worker s day, international workers day, international workers' day, workers' day, labour day, may day
holiday 704: independence day, fourth of july
holiday 1224: christmas eve, xmas eve
holiday 1225: christmas, christmas day, xmas, x mas, xmas day
holiday 1226: boxing day
holiday 1231: new year s eve, new years eve, new year eve
holiday -1: easter, easter sunday
holiday -2: easter monday, easter mon
holiday -3: good friday
holiday -4: mother s day, mothers day
holiday -5: thanksgiving, thanksgiving day
holiday -6: labor day
nothing: good morning, good afternoon, good evening, good night, good day, for now, happy new year, merry christmas, second opinion, have a nice day, have a great day, day to day, at all times
nothing: more than, some day, any day, these days, the other day, one more time, just a second, one second, one sec, a second, one moment, this time, next time, that time, any time, at this time, last minute, day care, a day, per day, last time
askclock: what time, which time, at what time, what hour, what times, which hour
askday: what day, which day, what date, which date, what dates, which days, on what day
askboth: when, date and time, day and time
bye: see you, see ya, see u, cya, cu, catch you, talk to you, talk, speak, bye, goodbye, have a good one
`
