import { useParams } from "react-router";

/** The number in `/posts/:id`, or null if it is none. */
export function useIdParam(): number | null {
  const { id = "" } = useParams();
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : null;
}
