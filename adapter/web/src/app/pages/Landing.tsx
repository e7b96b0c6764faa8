import { Link } from "react-router";
import { categories } from "../../api/category";
import { ButtonLink } from "../../ui/Button";
import { CategoryIcon, categoryName } from "../../ui/CategoryIcon";
import { Logo, Mark } from "../../ui/Logo";
import { Heading } from "../../ui/Page";
import { Seats } from "../../ui/Seats";
import { OfflineBar } from "../../ui/Status";
import { landing } from "../../words/account";
import { app, nav } from "../../words/ko";
import css from "./Landing.module.css";

/** What it is, for who comes here first. */
export default function Landing() {
  const { scene } = landing;
  return (
    <>
      <OfflineBar />
      <div className={css.landing}>
        <header className={css.top}>
          <Link to="/" className={css.home} aria-label={nav.home}>
            <Logo />
          </Link>
          <div className={css.enter}>
            <ButtonLink to="/signin" variant="plain">
              {landing.signIn}
            </ButtonLink>
            <ButtonLink to="/register" className={css.wideOnly}>
              {landing.start}
            </ButtonLink>
          </div>
        </header>

        <main>
          <section className={css.hero}>
            <div className={css.words}>
              <p className={css.eyebrow}>{landing.eyebrow}</p>
              <Heading title={app.name} className={css.title}>
                {landing.title[0]}
                <br />
                {landing.title[1]}
              </Heading>
              <p className={css.text}>{landing.text}</p>
              <div className={css.calls}>
                <ButtonLink to="/register" size="l">
                  {landing.cta}
                </ButtonLink>
                <ButtonLink to="/signin" size="l" variant="plain">
                  {landing.member}
                </ButtonLink>
              </div>
            </div>

            <div className={css.scene} role="img" aria-label={landing.sceneLabel}>
              <div className={css.stage} aria-hidden="true">
                <span className={css.foodOne}>
                  <CategoryIcon category="pizza" size="l" />
                </span>
                <span className={css.foodTwo}>
                  <CategoryIcon category="snack" size="l" />
                </span>
                <span className={css.foodThree}>
                  <CategoryIcon category="dessert" size="l" />
                </span>
                <div className={css.post}>
                  <CategoryIcon category="chicken" size="l" tile />
                  <div>
                    <p className={css.postTitle}>{scene.title}</p>
                    <p className={css.postPlace}>{scene.place}</p>
                    <Seats taken={3} of={4} />
                  </div>
                </div>
                <p className={css.said}>
                  <b>{scene.who}</b>
                  {scene.hello}
                </p>
                <p className={css.answered}>{scene.answer}</p>
                <p className={css.joined}>{scene.joined}</p>
              </div>
            </div>
          </section>

          <section className={css.steps}>
            <h2 className={css.subtitle}>{landing.stepsTitle}</h2>
            <ol className={css.stepList}>
              {landing.steps.map((step, i) => (
                <li key={step.title} className={css.step}>
                  <span className={css.number} aria-hidden="true">
                    {i + 1}
                  </span>
                  <h3 className={css.stepTitle}>{step.title}</h3>
                  <p className={css.stepText}>{step.text}</p>
                </li>
              ))}
            </ol>
          </section>

          <section className={css.menu}>
            <h2 className={css.subtitle}>{landing.menuTitle}</h2>
            <p className={css.subtext}>{landing.menuText}</p>
            <ul className={css.foods}>
              {categories.map((category) => (
                <li key={category} className={css.food}>
                  <CategoryIcon category={category} size="l" />
                  {categoryName(category)}
                </li>
              ))}
            </ul>
          </section>

          <section className={css.end}>
            <Mark className={css.endMark} />
            <h2 className={css.endTitle}>{landing.endTitle}</h2>
            <p className={css.endText}>{landing.endText}</p>
            <ButtonLink to="/register" size="l" className={css.endCall}>
              {landing.cta}
            </ButtonLink>
          </section>
        </main>

        <footer className={css.foot}>{landing.foot}</footer>
      </div>
    </>
  );
}
