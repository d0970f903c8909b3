// Sets the page's nonce on every <style> that a script makes: the policy refuses others.
// Imported first by main.tsx, since libraries make styles while they load.

const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');

/** Nonce of this page; "" where no policy is in force, as in development. */
export const nonce = meta?.nonce ?? "";

if (nonce) {
  const create = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (name.toLowerCase() === "style") element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
}
