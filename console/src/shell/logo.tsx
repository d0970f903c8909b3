// A box in its berth.

export function Logo() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <path d="M2 2.5v15h16v-15" fill="none" stroke="currentColor" strokeWidth="2.2" />
      <rect x="6" y="5.5" width="8" height="8" rx="1.5" fill="var(--ok-fill)" />
    </svg>
  );
}
