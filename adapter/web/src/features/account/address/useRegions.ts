import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Schemas } from "../../../api/client";
import { search } from "./places";

export type Region = Schemas["Region"];

/** A search for neighbourhoods while words are typed. */
export type Search = {
  /** idle: nothing was typed. found: `regions` may still be those of the words before. */
  state: "idle" | "loading" | "failed" | "none" | "found";
  regions: readonly Region[];
  /** Whether `regions` are the answer to what stands there now. */
  settled: boolean;
  error: unknown;
  retry: () => void;
};

/** In milliseconds: how long nothing is typed before the server is asked. */
const quiet = 150;
const none: readonly Region[] = [];

export function useRegions(typed: string, enabled = true): Search {
  const words = typed.trim();
  const asked = useSettled(words);
  const { data, isError, isPlaceholderData, error, refetch } = useQuery({ ...search(asked), enabled: enabled && asked !== "", placeholderData: keepPreviousData });
  const settled = asked === words && data !== undefined && !isPlaceholderData;
  // What stands there already is no answer, unless it is a neighbourhood.
  const regions = words && data ? data.regions.filter(({ address, dong }) => dong !== null || address !== words) : none;
  let state: Search["state"] = "idle";
  if (words) {
    if (isError) state = "failed";
    else if (!data || asked === "") state = "loading";
    else state = regions.length > 0 ? "found" : "none";
  }
  return { state, regions, settled, error, retry: () => void refetch() };
}

/** A value once it has stayed the same for a moment. Nothing is not waited for. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), quiet);
    return () => window.clearTimeout(timer);
  }, [value]);
  return value && settled;
}
