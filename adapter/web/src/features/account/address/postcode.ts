// The postcode search of Kakao: a script of theirs that draws itself into an
// element. It is loaded when it is first needed and must not be hosted by us.

const address = "https://t1.kakaocdn.net/mapjsapi/bundle/postcode/prod/postcode.v2.js";
const timeout = 8_000;

/** The parts of an answer that are used here. */
export type Found = { sido: string; sigungu: string; bname: string; bname1: string; bname2: string };

type Options = {
  oncomplete: (found: Found) => void;
  width: string;
  height: string;
  /** False: no form is sent into the frame, so that the content policy and Back are left alone. */
  submitMode: boolean;
  /** False: 서울특별시, not 서울. */
  shorthand: boolean;
};

export type Postcode = new (options: Options) => { embed: (into: HTMLElement, options: { autoClose: boolean }) => void };

declare global {
  interface Window {
    kakao?: { Postcode?: Postcode };
    daum?: { Postcode?: Postcode };
  }
}

/** The neighbourhood of an address: down to the dong; in the country down to the eup or myeon. */
export function neighbourhood({ sido, sigungu, bname, bname1, bname2 }: Found): string {
  return [sido, sigungu, bname1 || bname2 || bname].filter(Boolean).join(" ");
}

let loading: Promise<Postcode> | null = null;

/** Loads the search; rejects if that does not work in 8 seconds. May be called again then. */
export function loadPostcode(): Promise<Postcode> {
  loading ??= new Promise<Postcode>((resolve, reject) => {
    const script = document.createElement("script");
    const fail = () => {
      script.remove();
      loading = null;
      reject(new Error("the postcode search did not load"));
    };
    const late = window.setTimeout(fail, timeout);
    script.src = address;
    script.async = true;
    script.onerror = () => {
      window.clearTimeout(late);
      fail();
    };
    script.onload = () => {
      window.clearTimeout(late);
      const postcode = window.kakao?.Postcode ?? window.daum?.Postcode;
      if (postcode) resolve(postcode);
      else fail();
    };
    document.head.append(script);
  });
  return loading;
}
