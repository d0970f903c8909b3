// Copies a text, and says that it did.

import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { IconButton } from "./button";

interface CopyTextProps {
  text: string;
  label?: string;
}

export function CopyText({ text, label = "Copy" }: CopyTextProps) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  const icon = copied ? <Check size={14} strokeWidth={1.75} /> : <Copy size={14} strokeWidth={1.75} />;
  return <IconButton small label={copied ? "Copied" : label} icon={icon} onClick={() => void copy()} />;
}
