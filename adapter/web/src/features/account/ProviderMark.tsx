import { KeyRound } from "lucide-react";

/** The mark of a provider; its name stands beside it. */
export function ProviderMark({ provider, size = 20 }: { provider: string; size?: number }) {
  const frame = { width: size, height: size, viewBox: "0 0 24 24", "aria-hidden": true } as const;
  switch (provider) {
    case "kakao":
      return (
        <svg {...frame} fill="currentColor">
          <path d="M12 3.4c-5.3 0-9.6 3.4-9.6 7.6 0 2.7 1.8 5.1 4.5 6.4l-.8 3.1c-.1.4.3.7.6.5l3.8-2.6q.7.1 1.5.1c5.3 0 9.6-3.4 9.6-7.5S17.3 3.4 12 3.4z" />
        </svg>
      );
    case "naver":
      return (
        <svg {...frame} fill="currentColor">
          <path d="M4.5 4h4.8l5.4 7.9V4h4.8v16h-4.8l-5.4-7.9V20H4.5z" />
        </svg>
      );
    case "google":
      return (
        <svg {...frame} fill="none" strokeWidth="4">
          <path stroke="#ea4335" d="M4.8 8A8.3 8.3 0 0 1 17.9 6.1" />
          <path stroke="#fbbc05" d="M4.8 16.1A8.3 8.3 0 0 1 4.8 7.9" />
          <path stroke="#34a853" d="M17.6 18.1A8.3 8.3 0 0 1 4.8 16" />
          <path stroke="#4285f4" d="M12 12h8.3A8.3 8.3 0 0 1 17.5 18.2" />
        </svg>
      );
  }
  return <KeyRound size={size} aria-hidden="true" />;
}
