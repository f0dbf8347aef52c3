package when

const italian = ``
