import { useQuery } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { categories, fromWire } from "../../../api/category";
import { Refused } from "../../../api/client";
import { newId } from "../../../api/newId";
import type { PostDetail } from "../../../api/posts";
import { useSession } from "../../../api/session";
import { Button, ButtonLink } from "../../../ui/Button";
import { Confirm } from "../../../ui/Dialog";
import { Page } from "../../../ui/Page";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Empty, Failed } from "../../../ui/Status";
import { toast } from "../../../ui/toast";
import { useDraft } from "../../../ui/useDraft";
import { useLeaveGuard } from "../../../ui/useLeaveGuard";
import { detail, form as words } from "../../../words/post";
import { blank, changes, toDraft, type Values } from "./draft";
import { Gone } from "../Gone";
import css from "./PartyForm.module.css";
import { PostFields } from "./PostFields";
import { postQuery, useEdit, useWrite } from "../queries";

/** Writes a post, or edits the post with this id. `help`: beside the heading of a new one. */
export function PartyForm({ id, help }: { id?: number; help?: ReactNode }) {
  return id === undefined ? <NewPost help={help} /> : <EditPost id={id} />;
}

/** `brought`: the title that an address brought and nobody typed. `key`: what the draft is sent with; "" before that. */
const begun = { ...blank, brought: "", key: "" };

/** Begins with ?category= and ?title= if they are given, else with what was typed before. Asks before a title that was typed makes way. */
function NewPost({ help }: { help: ReactNode }) {
  const [draft, change, clear] = useDraft("new-post", begun);
  const [asked, setAsked] = useSearchParams();
  const [restored, setRestored] = useState(() => asked.size === 0 && Boolean(draft.title.trim() || draft.content.trim()));
  const write = useWrite();
  const navigate = useNavigate();

  const category = fromWire(asked.get("category"));
  const title = asked.get("title") ?? "";
  const typed = draft.title.trim();
  const asking = title !== "" && typed !== "" && typed !== title && typed !== draft.brought;

  const take = useCallback(() => {
    change({ ...(category && { category }), ...(title && { title, brought: title }) });
    // Once taken over it belongs to the draft: a reload must not undo what was typed since.
    setAsked({}, { replace: true });
  }, [category, title, change, setAsked]);

  useEffect(() => {
    if (asked.size > 0 && !asking) take();
  }, [asked, asking, take]);

  const taken = useRef(false);
  function settle() {
    if (!taken.current) {
      setAsked({}, { replace: true });
      setRestored(true);
    }
    taken.current = false;
    return Promise.resolve();
  }

  function restart() {
    clear();
    setRestored(false);
    toast(words.cleared, { action: { label: detail.undo, run: () => change(draft) } });
  }

  async function submit(values: Values) {
    const key = draft.key || newId();
    change({ key }); // before it is sent: the answer may never come
    await write.mutateAsync({ draft: toDraft(values), key }, {
      onSuccess: (post) => {
        void navigate(`/posts/${post.id}`, { replace: true });
        toast(words.written);
      },
      onError: (error) => {
        // What was sent before the last change is a post already; what it says now is another one.
        if (error instanceof Refused && error.code === "idempotency_conflict") change({ key: "" });
      },
    });
    clear();
  }

  return (
    <Page title={words.write} back="/board" width="narrow" actions={help}>
      {restored && (
        <div className={css.restored}>
          {words.restored}
          <Button variant="plain" size="s" onClick={restart}>
            {words.restart}
          </Button>
        </div>
      )}
      <PostFields values={{ ...draft, category: categories.find((known) => known === draft.category) ?? null }} onChange={change} onSubmit={submit} error={write.error} busy={write.isPending} action={words.submit} />
      <Confirm
        overlay={{ open: asking, close: settle }}
        title={words.takeTitle}
        confirm={words.take}
        onConfirm={() => {
          taken.current = true;
          take();
        }}
      >
        {words.takeText}
      </Confirm>
    </Page>
  );
}

function EditPost({ id }: { id: number }) {
  const me = useSession().user?.id;
  const query = useQuery(postQuery(id));
  const post = query.data;
  const mine = post?.writer.id === me;
  return (
    <Page title={words.edit} back={`/posts/${id}`} width="narrow">
      {post ? (
        mine ? (
          <EditFields post={post} />
        ) : (
          <Empty icon={<Lock size={32} aria-hidden="true" />} title={words.notMine} action={<ButtonLink variant="soft" replace to={`/posts/${id}`}>{words.toPost}</ButtonLink>} />
        )
      ) : query.error instanceof Refused && query.error.status === 404 ? (
        <Gone />
      ) : query.isError ? (
        <Failed error={query.error} onRetry={query.refetch} />
      ) : (
        <Loading className={css.loading}>
          <Skeleton shape="title" />
          <Skeleton shape="block" />
          <Skeleton shape="block" />
        </Loading>
      )}
    </Page>
  );
}

function EditFields({ post }: { post: PostDetail }) {
  // Only what was changed is kept, so that everything else stays as fresh as the post.
  const [edits, change, clear] = useDraft<Partial<Values>>(`edit-${post.id}`, {});
  const edit = useEdit(post.id);
  const navigate = useNavigate();
  const { category, title, content, target_number } = post;
  const values: Values = { category, title, content, target_number, ...edits };
  const changed = changes(toDraft(values), post);
  const guard = useLeaveGuard(Object.keys(changed).length > 0);
  const state = useLocation().state as { from?: string } | null;

  function done() {
    guard.disarm();
    clear();
    if (state?.from === "post") void navigate(-1);
    else void navigate(`/posts/${post.id}`, { replace: true });
  }

  async function submit(values: Values) {
    const change = changes(toDraft(values), post);
    if (Object.keys(change).length === 0) return done();
    await edit.mutateAsync(change, {
      onSuccess: () => {
        done();
        toast(words.saved);
      },
    });
  }

  return (
    <>
      <PostFields values={values} onChange={change} onSubmit={submit} error={edit.error} busy={edit.isPending} seated={post.join_number} action={words.save} />
      <Confirm
        overlay={{ open: guard.asking, close: guard.stay }}
        title={words.leaveTitle}
        confirm={words.leave}
        danger
        onConfirm={() => {
          clear();
          guard.leave();
        }}
      >
        {words.leaveText}
      </Confirm>
    </>
  );
}
