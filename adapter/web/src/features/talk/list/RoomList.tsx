import { useQuery } from "@tanstack/react-query";
import { MessageCircle } from "lucide-react";
import { Link } from "react-router";
import { areaOf } from "../../../api/address";
import type { Schemas } from "../../../api/client";
import { ownRoomsQuery } from "../../../api/rooms";
import { ButtonLink } from "../../../ui/Button";
import { CategoryIcon } from "../../../ui/CategoryIcon";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Empty, Failed, Stale } from "../../../ui/Status";
import { refusal } from "../../../words";
import { rooms as words } from "../../../words/talk";
import css from "./RoomList.module.css";

/** The rooms that one is in, wherever they are, the one with the newest activity first. */
export function RoomList() {
  const { data, error, dataUpdatedAt, refetch } = useQuery({ ...ownRoomsQuery, refetchOnMount: "always", refetchOnWindowFocus: "always" });
  if (!data) return error ? <Failed error={error} onRetry={refetch} /> : <Waiting />;
  const stale = error && <Stale why={refusal(error)} at={dataUpdatedAt} onRetry={refetch} />;
  if (data.length === 0) {
    return (
      <>
        {stale}
        <Empty icon={<MessageCircle size={32} aria-hidden="true" />} title={words.none} action={<ButtonLink to="/board">{words.toBoard}</ButtonLink>}>
          {words.noneText}
        </Empty>
      </>
    );
  }
  return (
    <>
      {stale}
      <ul className={css.list}>
        {data.map((room) => (
          <li key={room.id}>
            <Link to={`/rooms/${room.id}`} className={css.row}>
              <CategoryIcon category={room.category} tile dim={room.is_compelete} />
              <span className={css.text}>
                <span className={css.title}>{room.title}</span>
                <span className={css.about}>{about(room)}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function about({ address, role, join_number, target_number, is_compelete }: Pick<Schemas["ListedRoom"], "address" | "role" | "join_number" | "target_number" | "is_compelete">): string {
  return [areaOf(address), words.people(join_number, target_number), role === "host" && words.host, is_compelete && words.complete].filter(Boolean).join(" · ");
}

function Waiting() {
  return (
    <Loading className={css.list}>
      {[0, 1, 2].map((n) => (
        <div key={n} className={css.row}>
          <Skeleton shape="tile" />
          <div className={css.text}>
            <Skeleton shape="line" />
            <Skeleton shape="line" />
          </div>
        </div>
      ))}
    </Loading>
  );
}
