/** A `Base` that only the parser of `Name` makes: past the edge no function takes a bare string for one. The member exists in types only. */
export type Brand<Base, Name extends string> = Base & { readonly __brand: Name };
