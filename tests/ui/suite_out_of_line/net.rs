fn ping() {}
