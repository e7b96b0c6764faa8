import { RoomList } from "../../features/talk/list/RoomList";
import { Page } from "../../ui/Page";
import { rooms } from "../../words/talk";

export default function RoomsPage() {
  return (
    <Page title={rooms.title}>
      <RoomList />
    </Page>
  );
}
