// Trusted Types: the one place that makes a script's address of a text, and only of addresses of the build itself.

interface ScriptUrlPolicy {
  createScriptURL(url: string): string;
}

interface TrustedTypeFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptUrlPolicy;
}

/** The name that the server's Content-Security-Policy allows. */
const POLICY = "smimp";

const rules = {
  createScriptURL: (url: string): string => {
    const absolute = new URL(url, location.href);
    if (absolute.origin !== location.origin) throw new TypeError("scripts come from this place alone");
    return absolute.href;
  },
};

const factory = (globalThis as { readonly trustedTypes?: TrustedTypeFactory }).trustedTypes;
const policy: ScriptUrlPolicy = factory?.createPolicy(POLICY, rules) ?? rules;

/** The address of a script of this build. Throws TypeError for any other. */
export function scriptUrl(url: string): string {
  return policy.createScriptURL(url);
}
