package when

const french = ``
