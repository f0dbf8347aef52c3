package usage

// CountMessages is the statement that counts.
const CountMessages = countMessages
