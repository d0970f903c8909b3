// Light, dark, or as the system wishes.

import { readPreference, usePreference } from "@/parts/preference";

export const THEMES = ["system", "light", "dark"] as const;

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Put the chosen theme on the page. */
export function applyTheme(): void {
  const chosen = readPreference("theme") ?? "system";
  const theme = chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
  document.documentElement.dataset.theme = theme;
}

/** Follow the system while it is asked. */
export function watchTheme(): void {
  applyTheme();
  dark.addEventListener("change", applyTheme);
}

export function useTheme(): [string, (theme: string) => void] {
  const [theme, change] = usePreference("theme", "system");
  return [
    theme,
    (next) => {
      change(next);
      applyTheme();
    },
  ];
}
