declare const brand: unique symbol;

/** A `Base` that only the parser of `Name` makes: past the edge no function takes a bare string for one. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
