// Does nothing: what starting Node takes.
export {};
