// Preloaded into the demo's child processes: they end with the process that started them, however that one ends.
process.once('disconnect', () => process.exit())
