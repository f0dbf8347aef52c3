package when

const german = ``
