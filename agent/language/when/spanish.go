package when

const spanish = ``
