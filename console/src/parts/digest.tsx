// The digest of an image: its beginning, which tells two apart, and the whole to copy.

import { CopyText } from "./copy-text";

export function Digest({ digest }: { digest: string }) {
  return (
    <span>
      <code title={digest}>{digest.replace("sha256:", "").slice(0, 12)}</code> <CopyText text={digest} label="Copy digest" />
    </span>
  );
}
