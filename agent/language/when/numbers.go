package when

func germanNumbers(t *table) {}

func italianNumbers(t *table) {}
