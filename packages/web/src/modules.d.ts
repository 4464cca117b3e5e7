// What the build makes of imports that are no modules.
declare module "*.module.css" {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
declare module "*.css" {}
declare module "*?worker&url" {
  /** Where the worker's own script is, beside this one. */
  const url: string;
  export default url;
}
declare module "*?url" {
  const url: string;
  export default url;
}
