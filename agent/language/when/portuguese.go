package when

const portuguese = ``
