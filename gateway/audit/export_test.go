package audit

// Batch is one transaction's part of pruning.
var Batch = batch
