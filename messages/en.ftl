# What Matinee says, in English. One file is one language; recipes stand in CONTRIBUTING.md.
# Keys begin with the page or part they belong to. Elements such as <strong> and links such as
# <library> may move within a message, and keep their names.

## Every page

base-skip-to-the-content = Skip to the content
base-demo = Demo
base-this-is-a-demo = This is a demo. No real money moves, and mail is read at <mail>/dev/mail</mail>.
base-main = Main
base-library = Library
base-operator = Operator
base-account = Account
base-your-account = Your account:
base-sign-in = Sign in
base-sign-up = Sign up
base-films-straight-from-the = Films straight from the studios that made them. You keep what you buy, and no third party learns what you watch.
base-latest-years = Latest years
base-studios = Studios
base-studio-portal = Studio portal
base-how-films-are-sealed = How films are sealed
base-legal = Legal
base-terms = Terms
base-privacy = Privacy
base-accessibility = Accessibility

shared-films = Films
shared-studio = Studio
shared-search-films = Search films
shared-film-person-studio = Film, person, studio
shared-search = Search
shared-sign-out = Sign out
shared-all-films = All films
shared-your-library = Your library
shared-open-a-studio = Open a studio
shared-see-all-films = See all films
shared-name = Name
shared-password = Password
shared-action = Action
shared-error = Error:
shared-cancel = Cancel
shared-at-least-8-characters = At least 8 characters. A few words in a row are good; pasting is fine.
shared-e-mail-address = E-mail address
shared-watch-now = Watch now
shared-film = Film
shared-price = Price
shared-where-you-are = Where you are

error-what-you-did-before = What you did before is safe. Please try again in a moment; if it stays like this, tell us this number: <code>{ $request-id }</code>
error-try-again = Try again
error-to-the-films = To the films
error-the-address-may-be = The address may be mistyped, or the film has left the shop. What you bought is in <library>your library</library>.
error-you-can-go-back = You can go back, or on from here.
error-too-many-films-have-this = Too many films have this name. Please choose another address.
error-the-title-was-changed-meanwhile = The title was changed meanwhile. Please look at it again.
error-the-title-is-not-on = The title is not on sale.
error-this-film-cannot-be-bought = This film cannot be bought at the moment. Its studio is setting up how it gets paid; please come back later.
error-the-studio-takes-no-such-currency = The studio’s bank does not take this currency, so the film cannot be bought at the moment. Nothing was charged.
error-the-store-is-very-busy = The store is very busy. Please try again in a moment.
error-somebody-else-changed-the-price = Somebody else changed the price this moment. Please look again.
error-the-public-key-is-neither = The public key is neither X25519 nor P-256.
error-ask-for-at-most-eight = Ask for at most eight periods at once.
error-the-public-key-is-not = The public key is not base64url.
error-open-the-films-page-to = Open the film's page to watch it.
error-the-price-has-changed-since = The price has changed since you opened the page. Please look at the film again.
error-the-payment-service-does-not = The payment service does not answer. Nothing was charged.
error-this-order-is-being-changed = This order is being changed elsewhere. Please try again.
error-too-many-studios-have-this = Too many studios have this name. Please choose another.
error-you-work-for-a-studio = You work for a studio already.
error-an-api-token-cannot-do = An API token cannot do this; please sign in.
error-only-an-owner-of-the = Only an owner of the studio can do this.
error-you-work-for-a-studio-2 = You work for a studio already, and may work for one only.
error-this-film-is-on-sale = This film is on sale already.
error-only-a-person-can-sign = Only a person can sign for the rights; please sign in.
error-the-request-is-not-as = The request is not as it should be: { $why }.
error-sign-in-first = Please sign in first.
error-too-large = That is more than we take here.
error-gone = This is no longer available.
error-internal = Something broke on our side.
error-this-request-came-from-another = This request came from another site, so it was not carried out.
error-this-address-does-not-take = This address does not take that kind of request.
error-not-that-content = This address does not take that kind of content.
error-the-request-took-too-long = The request took too long to arrive. Please try again.
error-the-range-lies-outside-the = The range lies outside the file.
error-the-request-could-not-be = The request could not be understood.
error-too-many-tries = { $count ->
    [one] That was tried too often. Please try again in { $number } minute.
   *[other] That was tried too often. Please try again in { $number } minutes.
}

# What is wrong with a field of a form.
fault-please-fill-this-in = Please fill this in.
fault-please-use-at-most-characters = Please use at most { $value } characters.
fault-please-remove-characters-that-cannot = Please remove characters that cannot be shown.
fault-please-write-a-full-e = Please write a full e-mail address, such as ada@example.org.
fault-use-lower-case-letters-digits = Use lower-case letters, digits and single hyphens.
fault-not-a-currency-we-know = Not a currency we know.
fault-write-the-amount-as-a = Write the amount as a plain number, such as 9.99.
fault-the-currency-does-not-have = The currency does not have that many decimals.
fault-the-amount-is-too-large = The amount is too large.
fault-the-amounts-are-in-two = The amounts are in two currencies.
fault-please-use-at-least-8 = Please use at least 8 characters; a few words in a row are fine.
fault-please-use-at-most-128 = Please use at most 128 characters.
fault-this-password-is-easy-to = This password is easy to guess. { $value }
fault-please-choose-a-picture = Please choose a picture.
fault-this-file-is-not-a = This file is not a JPEG, PNG or WebP picture.
fault-the-picture-must-not-be = The picture must not be larger than 10 MiB.
fault-the-picture-has-pixels-at = The picture has { $a } × { $b } pixels; at most 40 megapixels are taken.
fault-the-picture-has-pixels-a = The picture has { $a } × { $b } pixels; a poster needs at least 200 × 300.
fault-the-picture-is-damaged-and = The picture is damaged and cannot be read.
fault-the-payment-provider-takes-no = The payment provider takes no payments below { $value }.
fault-the-payment-provider-takes-no-2 = The payment provider takes no payments that large.
fault-the-payment-provider-counts = The payment provider counts { $currency } in other units than everybody else, so this store cannot sell in it.
fault-in-this-currency-the-last = In this currency the last digit must be 0.
fault-this-is-not-your-present = This is not your present password.
fault-this-is-your-address-already = This is your address already.
fault-the-address-or-the-password = The address or the password is not right.
fault-there-are-too-many-tokens = There are too many tokens. Revoke one that is not used any more.
fault-please-confirm-your-own-address = Please confirm your own address first; the link is in your mail.
fault-please-tick-the-box-to = Please tick the box to declare it.
fault-another-film-has-arrived-since = Another film has arrived since you opened this page. Please look at it and sign again.
fault-this-address-is-taken-please = This address is taken. Please choose another.
fault-please-choose-a-genre-of = Please choose a genre of the list.
fault-please-choose-a-language-of = Please choose a language of the list.
fault-please-choose-what-is-sold = Please choose what is sold.
fault-please-write-a-price = Please write a price.
fault-please-choose-a-currency-from = Please choose a currency from the list.
fault-write-a-name = Please write a name.
fault-write-a-synopsis = Please write a synopsis.
fault-year = Please write the year as a whole number from { $least } to { $most }.
fault-runtime = Please write the runtime as a whole number from { $least } to { $most }.
fault-too-many-genres = Please choose at most { $most } genres.
fault-too-many-credits = Please write at most { $most } lines.
fault-credit-line = Line { $line }: { $fault }
fault-please-choose-at-least-one = Please choose at least one genre.
fault-please-choose-an-age-of = Please choose an age of the list.
fault-please-write-one-credit-a = Please write one credit a line, as in “Director: Ada Lovelace”.

portal-sales = Sales
portal-getting-paid = Getting paid
portal-team = Team
portal-api-tokens = API tokens
portal-to-the-shop = To the shop
portal-your-account = Your account

## Accounts

form-please-check-the-form = Please check the form

account-your-account = Your account
account-you = You
account-e-mail = E-mail
account-address-confirmed = Address confirmed
account-your-address-is-not = Your address is not confirmed yet.
account-open-the-link-in = Open the link in the mail we sent, so that receipts reach you.
account-send-the-mail-again = Send the mail again
account-change-the-address = Change the address
account-a-new-password-signs = A new password signs every other device out.
account-change-the-password = Change the password
account-devices = Devices
account-where-you-are-signed = Where you are signed in. End what you do not know, and change your password then.
account-device = Device
account-signed-in = Signed in
account-this-device = This device
account-browser-on-system = { $browser } on { $system }
account-device-name = { $name }
account-unknown-device = Unknown device
account-sign-out-signed-in = Sign out { $device }, signed in { $since }
account-sign-out-everywhere-else = Sign out everywhere else
account-sign-out-here = Sign out here

change-email-change-your-address = Change your address
change-email-now-it-is-we = Now it is { $current }. We send a link to the new one; the change happens when you open it.
change-email-new-e-mail-address = New e-mail address
change-email-your-password = Your password
change-email-send-the-link = Send the link

change-password-change-your-password = Change your password
change-password-every-other-device-is = Every other device is signed out then.
change-password-present-password = Present password
change-password-new-password = New password
change-password-change-the-password = Change the password

forgot-forgotten-password = Forgotten password
forgot-look-into-your-mail = Look into your mail
forgot-if-has-an-account = If <strong>{ $email }</strong> has an account here, a mail is on its way. Its link works once, for one hour.
forgot-nothing-there-after-a = Nothing there after a few minutes? Look into the spam folder, or check that this is the address you signed up with.
forgot-back-to-sign-in = Back to sign-in
forgot-forgotten-your-password = Forgotten your password?
forgot-tell-us-your-address = Tell us your address, and we send a link to choose a new one.
forgot-send-the-link = Send the link

reset-choose-a-new-password = Choose a new password
reset-all-your-devices-are = All your devices are signed out then, and you sign in with the new one.
reset-new-password = New password
reset-set-the-new-password = Set the new password

sign-in-sign-in = Sign in
sign-in-forgotten-your-password-new = <forgot>Forgotten your password?</forgot> New here? <sign-up>Create an account</sign-up>.

sign-up-create-an-account = Create an account
sign-up-for-buying-films-and = For buying films and watching them on any device.
sign-up-receipts-go-here = Receipts go here.
sign-up-create-account = Create account
sign-up-have-an-account-already = Have an account already? <sign-in>Sign in</sign-in>. Do you make films? <signup>Open a studio</signup>.

welcome-check-your-mail = Check your mail
welcome-thank-you = Thank you
welcome-we-have-sent-a = We have sent a mail to <strong>{ $email }</strong>. Open it when you find the time: it confirms your address.
welcome-if-you-had-an = If you had an account with this address before, the mail says so, and how to get in.
welcome-go-to-the-films = Go to the films
welcome-go-to-the-studio = Go to the studio
welcome-go-on = Go on
welcome-not-your-address-sign = Not your address? <signup>Sign up again</signup>.

outcome-it-was-used-before-or = It was used before, or it is too old. Nothing was changed.
outcome-your-e-mail-address-is = Your e-mail address is confirmed.
outcome-every-device-was-signed-out = Every device was signed out. Sign in with the new password.
outcome-you-sign-in-with-the = You sign in with the new address from now on.
outcome-this-link-is-over = This link is over
outcome-go-to-your-account = Go to your account
outcome-confirm-your-address = Confirm your address
outcome-one-click-and-your-e = One click, and your e-mail address is confirmed.
outcome-ask-for-a-new-link = Ask for a new link
outcome-your-password-is-changed = Your password is changed
outcome-confirm-your-new-address = Confirm your new address
outcome-from-then-on-you-sign = From then on you sign in with this address, and mail goes there.
outcome-your-address-is-changed = Your address is changed
outcome-we-have-sent-a-link = We have sent a link to { $email }. Your address changes when you open it.
outcome-your-password-is-changed-and = Your password is changed, and every other device is signed out.
outcome-the-mail-is-on-its = The mail is on its way.
outcome-that-device-is-signed-out = That device is signed out.
outcome-every-other-device-is-signed = Every other device is signed out.
outcome-back-to-your-account = Back to your account

## Checkout

order-the-payment-service-did = The payment service did not answer just now, so this may be a moment behind.
order-go-on-to-payment = Go on to payment
order-look-again = Look again
order-back-to-the-film = Back to the film
order-receipt = Receipt
order-order = Order
order-sold-by = Sold by
order-sold-by-studio = Sold by { $studio }
order-tax = Tax in it
order-paid = Paid
order-ordered = Ordered
order-a-copy-goes-to = A copy goes to { $email }.
order-not-paid-yet = Not paid yet
order-your-bank-takes-its-time = Your bank takes its time
order-it-is-yours = It is yours
order-paid-twice = Paid twice
order-not-paid-in-time = Not paid in time
order-the-payment-did-not = The payment did not go through
order-we-have-not-heard = We have not heard of a payment. If you have just paid, give it a moment and look again. If not, you can still pay.
order-your-order-is-placed = Your order is placed. As soon as the bank confirms the payment, the film is in your library and a receipt comes by mail. Nothing is left for you to do.
order-the-film-is-in = The film is in your library, as often as you like.
order-you-had-bought = You had bought this film already, so this payment will be sent back to you.
order-the-payment-page-was = The payment page was closed before anything was paid. Nothing was charged.
order-the-bank-turned = The bank turned the payment down. Nothing was charged.

owned-you-own = You own { $title-name }
owned-you-own-this-film = You own this film
owned-you-bought-it-before = You bought it before, so there is nothing to pay.
owned-receipt = Receipt

## Giving a film back

consent-if-you-live-in-the-eu = Only if you wish: watch at once and give up withdrawal
consent-at-once = I ask that the film is made available at once, before the 14 days for withdrawal are over.
consent-no-withdrawal = I know that I lose my right of withdrawal when the film begins to run.
consent-or-not = You can buy with both boxes empty. You may then withdraw for 14 days.
film-a-licence = You buy a licence to watch this film, not the film itself. <terms>What the licence gives you</terms>. The price includes all taxes.

order-is-contested = Your bank looks into this payment
order-the-bank-looks = The payment was objected to, and the bank holds the money. Until it decides, the film cannot be watched. Should it decide for the seller, the film comes back by itself.
order-given-back = Given back
order-the-film-has-left = The money went back to you, and the film has left your library. You can buy it again at any time.
order-refunds = Refunds
order-disputes = Objections of the bank
refund-requested = asked for
refund-refused = refused by the payment service
refund-pending = on its way
refund-succeeded = sent back
refund-failed = failed, the bank sent it back
refund-canceled = called off
refund-contested = The buyer's bank contests this payment, or did and won. The payment service refunds nothing of it.
refund-above-the-rest = At most { $left } of this payment can still be refunded.
dispute-warning = the bank asks, no money left
dispute-open = the bank has not decided
dispute-won = decided for the seller
dispute-lost = decided for the buyer
dispute-closed = came to nothing

return-give-it-back = Give it back
return-give-back = Give the film back
return-give-back-film = Give { $film } back?
return-what-happens = { $amount } goes back the way it came, and the film leaves your library. Banks take a few days to show the money.
return-confirm = Yes, give it back
return-keep-it = Keep the film
return-not-possible = This film cannot be given back
return-you-may-withdraw = You may withdraw from this purchase within 14 days of paying, and get your money back.
return-you-may = The studio takes this film back within 14 days, as long as little of it was watched.
return-not-paid = This order was not paid, so there is nothing to give back.
return-nothing-left = All of this payment went back, or is on its way.
return-contested = The bank looks into this payment and decides about the money.
return-too-late = A film can be given back within 14 days of paying. They are over.
return-watched-too-far = More of this film was watched than its studio takes back.

withdraw-from-contract = Withdraw from a purchase
withdraw-confirm = Confirm withdrawal
withdraw-how-it-goes = Tell us the number of the order and the address that the receipt went to. We send a link there, and one click on it withdraws.
withdraw-order-number = Number of the order
withdraw-order-hint = It stands in the receipt and begins with order_
withdraw-order-missing = Fill in the number of the order.
withdraw-if-they-belong = If there is a paid order of this number and address, a link is on its way to it. It works once, within 24 hours.
withdraw-link-was-used = It was used before, or its 24 hours are over. You can ask for another.
withdraw-done = You have withdrawn
withdraw-money-comes = { $amount } goes back the way it came. A confirmation comes by mail.

## Playback

player-player = Player: { $name }
player-watching-needs-javascript-your = Watching needs JavaScript: your browser itself opens the sealed film.
player-play = Play
player-controls = Controls
player-position = Position
player-mute = Mute
player-volume = Volume
player-captions = Captions
player-speed = Speed
player-keyboard-shortcuts = Keyboard shortcuts
player-picture-in-picture = Picture in picture
player-full-screen = Full screen
player-space-or-k = <kbd>Space</kbd> or <kbd>k</kbd>
player-play-pause = play, pause
player-5-seconds-back-on = 5 seconds back, on
player-10-seconds-back-on = 10 seconds back, on
player-0-to-9 = <kbd>0</kbd> to <kbd>9</kbd>
player-jump-to-that-tenth = jump to that tenth of the film
player-louder-softer = louder, softer
player-sound-off-on = sound off, on
player-captions-off-on = captions off, on
player-full-screen-2 = full screen
player-slower-faster = slower, faster
player-this-list = this list
player-use-these-shortcuts = Use these shortcuts
player-close = Close

# Said by static/js/player-words.js; a script takes no plurals.
player-says-play = Play
player-says-pause = Pause
player-says-resume-at = Resume at { $time }
player-says-time-of = { $now } of { $all }
player-says-mute = Mute
player-says-sound-on = Sound on
player-says-captions-off = Off
player-says-slow-line = The line is slow or interrupted. The film goes on by itself.
player-says-try-again = Try again
player-says-to-library = Go to your library
player-says-see-the-film = See the film
player-says-not-bought = This film is not in your library yet.
player-says-rental-over = Your rental of this film has ended.
player-says-rent-or-buy = Rent or buy it again
player-says-refunded = This film was refunded, so it can no longer be watched.
player-says-territory = This film may not be shown in the country you are in.
player-says-suspended = This film is suspended at the moment. It stays in your library.
player-says-signed-out = You have been signed out.
player-says-sign-in = Sign in
player-says-too-many-screens = You are watching on as many screens as you may. Stop one of them, then try again.
player-says-too-many-screens-where = You are watching on as many screens as you may: { $where }. Stop one of them, then try again.
player-says-cannot-watch = You cannot watch this film at the moment.
player-says-line-interrupted = The line to the store is interrupted.
player-says-troubled = The film cannot be played at the moment.
player-says-tampered = This part of the film is not what the studio sealed. Playback stopped before it.
player-says-unplayable = This browser cannot play the format of this film. Another browser may.

watch-library = Library

## Storefront

money-where-your-money-goes = Where your money goes
money-of-the-studio-keeps = Of { $price } the studio keeps <strong>{ $studio }</strong>, payment takes about { $payment }, this store { $store }.

film-poster-of = Poster of { $name }
film-in-your-library = In your library
film-buy-for = Buy for <price>{ $price }</price>
film-pay-by-card-no = Pay by card. No subscription.
film-you-sign-in-or = You sign in or sign up first.
film-yours-without-end-even = Yours without end, even if it leaves the shop
film-in-the-browser-of = In the browser of any phone, tablet or computer
film-sealed-from-the-studio = <protection>Sealed</protection> from the studio to your screen
film-cannot-be-bought = This film cannot be bought at the moment: the studio is setting up how it gets paid. Please look in again soon. Whoever owns it watches it as before.
film-this-film-is-not = This film is not for sale at the moment. The studio may be changing its price; please look in again.
film-credits = Credits
film-details = Details
film-year = Year
film-length = Length
film-language = Language
film-age = Age
film-genres = Genres
film-more-by = More by { $studio-name }
film-the-studio = The studio

length-minutes = { $minutes } min
length-hours = { $hours } h
length-hours-and-minutes = { $hours } h { $minutes } min

quality-4k = 4K picture, spoken in { $language }
quality-full-hd = Full HD picture, spoken in { $language }
quality-hd = HD picture, spoken in { $language }
quality-spoken = Spoken in { $language }
quality-4k-silent = 4K picture, no dialogue
quality-full-hd-silent = Full HD picture, no dialogue
quality-hd-silent = HD picture, no dialogue
quality-silent = No dialogue

films-page = , page { $page }
films-films-to-buy-straight = { $heading }: films to buy straight from their studios.
films-narrow-the-list = Narrow the list
films-words = Words
films-genre = Genre
films-all-genres = All genres
films-order = Order
films-only = Only { $name }
films-matching = “{ $words }”
films-by = Films by { $studio }
films-count = { $count ->
    [0] No films
    [one] { $number } film
   *[other] { $number } films
}
films-show = Show
films-show-all = Show all
films-the-list-ends-before = The list ends before this page
films-no-film-matches-that = No film matches that
films-no-films-yet = No films yet
films-there-are-pages = There are { $last-page } pages.
films-try-fewer-words-another = Try fewer words, another genre, or look through everything.
films-the-first-studio-is = The first studio is still preparing.
films-results = Results
films-pages = Pages
films-previous = Previous
films-page-2 = Page
films-next = Next

home-matinee-films-straight-from = Matinee: films straight from their studios
home-buy-films-straight-from = Buy films straight from the studios that made them, keep them, and watch them in your browser.
home-films-straight-from-their = Films straight from their studios
home-now-showing = Now showing
home-see-the-film = See the film
home-the-house-is-open = The house is open, the first film is on its way
home-no-studio-has-published = No studio has published a film here yet. Do you make films? You can be the first.
home-new-in-the-house = New in the house
home-by-studio = By studio
home-what-we-promise = What we promise
home-the-studio-keeps-the = The studio keeps the money
home-you-pay-the-people = You pay the people who made the film, on their own account. Every film says to the cent where your money goes.
home-bought-is-bought = Bought is bought
home-what-you-buy-stays = What you buy stays in your library, even when the film leaves the shop. Watch it as often as you like.
home-sealed-on-the-way = Sealed on the way
home-films-are-sealed-on = Films are sealed on the studio’s own computer and opened in your browser. No third party learns what you watch.

legal-accessibility-accessibility = Accessibility
legal-accessibility-how-this-store-is = How this store is meant to work for everybody, and what to do when it does not.
legal-accessibility-this-store-is-meant = This store is meant to work for everybody.
legal-accessibility-what-we-hold-ourselves = What we hold ourselves to
legal-accessibility-the-web-content-accessibility = The Web Content Accessibility Guidelines 2.2, level AA. Every page is checked automatically with each release, in light and dark, on a desktop and a phone.
legal-accessibility-everything-works-by-keyboard = Everything works by keyboard alone, with a visible focus. The player's keys are listed under <kbd>?</kbd> in the player, and can be switched off.
legal-accessibility-pages-follow-your-settings = Pages follow your settings for colours, text size, contrast and motion.
legal-accessibility-browsing-buying-and-your = Browsing, buying and your account need no JavaScript. Uploading a film and watching one do.
legal-accessibility-what-is-not-there = What is not there yet
legal-accessibility-captions-and-audio-description = Captions and audio description depend on the studio. Films do not yet say on their page whether they have them.
legal-accessibility-automatic-checks-find-only = Automatic checks find only some faults. Pages have not been checked by an independent body.
legal-accessibility-if-something-is-in = If something is in your way
legal-accessibility-write-to-the-operator = Write to the operator of this store, and say which page and what you use. You get an answer, and the fault is mended or explained.

legal-privacy-privacy = Privacy
legal-privacy-what-this-store-knows = What this store knows about you, why, and for how long.
legal-privacy-what-is-kept = What is kept
legal-privacy-your-account-name-e = <strong>Your account:</strong> name, e-mail address, and a one-way hash of your password. Until you close the account.
legal-privacy-your-orders-film-price = <strong>Your orders:</strong> film, price, time. As long as tax law asks for.
legal-privacy-where-you-stopped-in = <strong>Where you stopped in a film:</strong> one position for each film you own, so that you can go on there.
legal-privacy-your-sessions-kind-of = <strong>Your sessions:</strong> kind of device and time, so that you can end them. Until they expire.
legal-privacy-a-technical-log-time = <strong>A technical log:</strong> time, page and outcome of a request, without what you typed.
legal-privacy-what-is-not = What is not
legal-privacy-no-page-of-this = No page of this store asks another site for anything: no advertising, no analytics, no foreign fonts. There is no list of what you searched for or looked at. There is one cookie, and it only keeps you signed in.
legal-privacy-who-else-is-involved = Who else is involved
legal-privacy-payment-takes-place-at = Payment takes place at Stripe, which gets what it needs to charge your card and to prevent fraud; card numbers never reach this store. The studio whose film you buy learns of the sale. Mail is sent through the operator's mail provider.
legal-privacy-your-rights = Your rights
legal-privacy-you-may-see-correct = You may see, correct, export and erase what is kept about you, except for records that tax law asks for. Write to the operator of this store.

legal-protection-how-films-are-sealed = How films are sealed
legal-protection-what-sealing-does-for = What sealing does for a film and its audience, and what it cannot do.
legal-protection-what-happens = What happens
legal-protection-the-studios-own-computer = The studio's own computer seals the film before a byte of it is sent, with AES‑256‑GCM and a key made for this film alone.
legal-protection-the-stores-disks-backups = The store's disks, backups and any cache in between hold sealed bytes only. Whoever copies them has nothing to watch.
legal-protection-when-you-watch-a = When you watch a film you own, your browser gets keys for the stretch you are watching, wrapped to a key that never leaves your browser, and opens the film piece by piece. A piece that was tampered with is not shown.
legal-protection-what-it-cannot-do = What it cannot do
legal-protection-whoever-can-watch-a = Whoever can watch a film can also record it. Sealing is no copy protection of the kind built into televisions, and does not claim to be.
legal-protection-the-operators-server-holds = The operator's server holds the film's key, wrapped under a key of its own. It opens a film in memory to check it, and for browsers that cannot open it themselves. So the operator has to be trusted; a thief of the disks does not get far.
legal-protection-how-long-a-film = How long a film is and when it is fetched can be seen on the way.
legal-protection-check-it-yourself = Check it yourself
legal-protection-the-format-is-published = The format is published, with test vectors, and the code of this store is open. A sealed film opens with the program <code>matinee open</code> and its key, without this store.

legal-terms-terms = Terms
legal-terms-what-you-buy-here = What you buy here, from whom, and what you may do with it.
legal-terms-who-sells = Who sells
legal-terms-each-film-is-sold = Each film is sold by the studio named on its page. This store carries the sale: it shows the film, hands the payment to the studio's payment provider, and keeps the film for you.
legal-terms-what-you-get = What you get
legal-terms-buying-a-film-gives = Buying a film gives you a personal right, without an end date, to watch it here as often as you like. It does not make you the owner of the work, and the right cannot be sold on. If the film later leaves the shop, it stays in your library.
legal-terms-should-this-store-ever = Should this store ever close, its operator will say so by mail beforehand and tell you how to keep what you bought.
legal-terms-the-price-on-the = The price on the film's page is what you pay. The same page says how it is divided. This store takes { $percent } % of the price, and never more than 5 %.
legal-terms-right-of-withdrawal = Right of withdrawal
legal-terms-fourteen-days = You may withdraw from a purchase within 14 days of paying, without giving a reason, and get all of your money back. If you agreed before paying that the film is there at once and that the right ends when it begins to run, it ends then. If you did not agree, it stays for all of the 14 days, even if you have watched. A studio may take a film back beyond that, within the same 14 days, as long as little of it was watched.
legal-terms-how-to-withdraw = To withdraw, use the button on the page of your order, or <withdraw>withdraw without signing in</withdraw> with the number of your order and your address. We confirm it by mail, and the money goes back the way it came.
legal-terms-where-the-law-gives = If something is wrong with a film, write to the studio or to the operator of this store; you keep every right the law gives you.
legal-terms-what-you-may-not = What you may not do
legal-terms-copy-a-film-for = Copy a film for others, show it in public, or share your account for that purpose.
legal-terms-use-the-store-to = Use the store to harm it or other people.
legal-terms-studios = Studios
legal-terms-a-studio-signs-for = A studio signs for every film that it holds the rights it sells, for exactly the file it uploaded. A film without these rights is taken out of the shop.

library-nothing-here-yet = Nothing here yet
library-films-you-buy-stay = Films you buy stay here, for as often as you like to watch them.
library-find-a-film = Find a film
library-go-on-watching = Go on watching
library-watched-of = Watched of { $name }
library-go-on-with = Go on<unseen> with { $name }</unseen>
library-all-your-films = All your films
library-watch = Watch
library-receipt-of-bought = <unseen>Receipt of { $name }, </unseen>Bought { $since }
library-seconds-left = { $seconds } s left
library-minutes-left = { $minutes } min left
library-hours-left = { $hours } h left
library-hours-and-minutes-left = { $hours } h { $minutes } min left

not-found-nothing-at-this-address = Nothing at this address
not-found-there-is-nothing-at = There is nothing at this address.
not-found-it-may-be-mistyped = It may be mistyped, or the film has left the shop. What you bought is still in <library>your library</library>.
not-found-search-again = Search again
not-found-new-in-the-house = New in the house

studio-page-films-by-sold-by = Films by { $name }, sold by the studio itself.
studio-page-sells-its-own-films = Sells its own films here since { $since }.
studio-page-nothing-showing-yet = Nothing showing yet
studio-page-has-no-film-in = { $name } has no film in the shop at the moment.
studio-page-more-films = More films

## Words of the catalog

genre-action = Action
genre-animation = Animation
genre-comedy = Comedy
genre-crime = Crime
genre-documentary = Documentary
genre-drama = Drama
genre-experimental = Experimental
genre-family = Family
genre-fantasy = Fantasy
genre-history = History
genre-horror = Horror
genre-music = Music
genre-romance = Romance
genre-science-fiction = Science fiction
genre-short-film = Short film
genre-thriller = Thriller

language-ar = Arabic
language-bg = Bulgarian
language-bn = Bengali
language-ca = Catalan
language-cs = Czech
language-da = Danish
language-de = German
language-el = Greek
language-en = English
language-es = Spanish
language-et = Estonian
language-fa = Persian
language-fi = Finnish
language-fr = French
language-ga = Irish
language-he = Hebrew
language-hi = Hindi
language-hr = Croatian
language-hu = Hungarian
language-id = Indonesian
language-is = Icelandic
language-it = Italian
language-ja = Japanese
language-ko = Korean
language-lt = Lithuanian
language-lv = Latvian
language-ml = Malayalam
language-nl = Dutch
language-no = Norwegian
language-pl = Polish
language-pt = Portuguese
language-ro = Romanian
language-ru = Russian
language-sk = Slovak
language-sl = Slovenian
language-sv = Swedish
language-ta = Tamil
language-te = Telugu
language-th = Thai
language-tr = Turkish
language-uk = Ukrainian
language-vi = Vietnamese
language-zh = Chinese
language-zxx = No dialogue

rating-all = All ages
rating-6 = 6+
rating-12 = 12+
rating-16 = 16+
rating-18 = 18+

sort-newest-first = Newest first
sort-by-name = By name
sort-by-year = By year

currency-usd = US dollar
currency-eur = Euro
currency-gbp = British pound
currency-aed = UAE dirham
currency-aud = Australian dollar
currency-brl = Brazilian real
currency-cad = Canadian dollar
currency-chf = Swiss franc
currency-czk = Czech koruna
currency-dkk = Danish krone
currency-hkd = Hong Kong dollar
currency-inr = Indian rupee
currency-jpy = Japanese yen
currency-krw = South Korean won
currency-mxn = Mexican peso
currency-nok = Norwegian krone
currency-nzd = New Zealand dollar
currency-pln = Polish zloty
currency-sek = Swedish krona
currency-sgd = Singapore dollar

## Studio portal

form-optional = (optional)

title-form-name-of-the-film = Name of the film
title-form-synopsis = Synopsis
title-form-what-it-is-about = What it is about, in a few sentences.
title-form-year = Year
title-form-runtime-in-minutes = Runtime in minutes
title-form-language = Language
title-form-age-rating = Age rating
title-form-genres = Genres
title-form-one-to-four = One to four.
title-form-credits = Credits
title-form-one-line-each-as = One line each, as in “Director: Ada Lovelace”.
title-form-address = Address
title-form-the-end-of-the = The end of the film's link. Leave it empty to make it of the name. It is fixed once the film is on sale.

uploader-sealing-a-film-in = Sealing a film in the browser needs JavaScript. Without it, use the command line: <code>matinee upload FILE --store ADDRESS --title { $slug }</code>
uploader-choose-the-film = Choose the film
uploader-film-file-mp4-or = Film file, MP4 or WebM
uploader-the-film-is-sealed = The film is sealed on this computer before it is sent. If the line drops, the computer sleeps or you close this page, what was sent is kept: come back and choose the same file.
uploader-start-over-with-another = Start over with another file
uploader-upload-of-the-film = Upload of the film
uploader-pause = Pause
uploader-resume = Resume
uploader-cancel-the-upload = Cancel the upload
uploader-the-film-is-here = The film is here, sealed and complete. We now check that browsers can play it; this page shows the result.

# Said by static/js/upload-words.js.
uploader-says-less-than-a-minute = less than a minute left
uploader-says-about-left = about { $time } left
uploader-says-about-hours-left = about { $hours } h { $minutes } min left
uploader-says-sent-of = { $sent } of { $all } sent
uploader-says-speed = { $size }/s, { $left }
uploader-says-choose = Choose the film
uploader-says-sending = Sealing and sending. You may go on working; keep this page open.
uploader-says-paused = Paused. What was sent is kept.
uploader-says-finishing = Everything is sent. The store now compares what it holds with what you sealed.
uploader-says-canceled = The upload was canceled and what had been sent was deleted.
uploader-says-started-over = Ready for another file.
uploader-says-waiting = The line to the store is interrupted. We keep trying; what was sent is kept.
uploader-says-offline = This computer is offline. The upload goes on by itself as soon as it is back.
uploader-says-empty = This file is empty. Choose the film itself.
uploader-says-changed = The file changed since the upload began, so it cannot go on: a sealed film must be one and the same file from first to last byte. Choose the file again to start a new upload.
uploader-says-lost = This browser no longer holds everything needed to go on with the upload. Choose the file again to start a new one.
uploader-says-gone = The store no longer keeps this unfinished upload. Choose the file again to start a new one.
uploader-says-no-room = There is no room for this film at the moment. What was sent is kept; make room or ask the store, then press Resume.
uploader-says-no-journal = This browser window cannot keep what an upload needs to survive a broken line. Use a normal, not a private, window.
uploader-says-insecure = Films can only be sealed on a secure address. Open this page with https.
uploader-says-other-tab = This upload is running in another tab. Go on there, or close that tab and press Resume.
uploader-says-signed-out = You have been signed out. What was sent is kept.
uploader-says-sign-in = Sign in, then choose the same file again.
uploader-says-really-cancel = Cancel the upload and delete what was sent?
uploader-says-unexpected = The upload stopped for an unexpected reason ({ $what }). What was sent is kept; press Resume to try again.
uploader-says-come-back = Continue “{ $name }” ({ $size }): choose the same file again
uploader-says-another-file = This is not the file that the unfinished upload began with, or it changed since: “{ $name }”, { $size }. Choose that file to continue, or start over.
uploader-says-really-start-over = Give up the unfinished upload of “{ $name }” and delete what was sent?

dashboard-not-paid = Your films cannot be bought at the moment. <payments>See why, and what to do.</payments>
dashboard-new-film = New film
dashboard-your-first-film = Your first film
dashboard-say-what-it-is = Say what it is, send the film, add a poster and a price. It is sealed on your computer before it leaves it.
dashboard-begin = Begin
dashboard-sales-so-far = Sales so far
dashboard-sold-in = Copies sold, in { $currency }
dashboard-you-keep = You keep
dashboard-visitors-see-your-films = Visitors see your films at <studios>your page in the shop</studios>.
dashboard-price = { $price }

badge-draft = Draft
badge-on-sale = On sale
badge-withdrawn = Withdrawn

new-title-new-film = New film
new-title-first-what-the-shop = First what the shop says about it. Film, poster and price come next, in any order; nobody sees the film before you publish it.
new-title-save-the-draft = Save the draft

offers-price-of = Price of { $title-name }
offers-to-buy-the-film = To buy the film
offers-everything-included-such-as = Everything included, such as 9.99.
offers-currency = Currency
offers-cards-of-other-currencies = Cards of other currencies can pay, too.
offers-account-settles-in = Your Stripe account is kept in { $currency }. Stripe changes what comes in other currencies, for a fee of its own.
offers-a-new-price-counts = A new price counts from now on. Who is paying at this moment pays the price they saw.
offers-save-the-price = Save the price
offers-back-to-the-film = Back to the film
offers-where-the-money-goes = Where the money goes
offers-of = Of <strong>{ $price }</strong>
offers-the-payment-part-is = The payment part is an estimate for a card of your own country: 2.9 % and a small fixed amount. What was really taken stands in your sales.
offers-save-a-price-and = Save a price, and this shows what your studio keeps of it.
offers-earlier-prices = Earlier prices:
offers-your-studio-keeps = Your studio keeps
offers-payment-estimated = payment, estimated
offers-this-store = this store

sales-sales = Sales
sales-download-as-csv = Download as CSV
sales-nothing-sold-yet = Nothing sold yet
sales-the-first-sale-shows = The first sale shows up here the moment it is paid: what the buyer paid, what the payment cost, and what you keep.
sales-sold-in = Copies sold, in { $currency }
sales-buyers-paid = Buyers paid
sales-you-keep = You keep
sales-what-films-brought-you = What films brought you
sales-last-days = What the last 30 days brought you
sales-best-day = The best day brought { $amount }.
sales-day-by-day = Day by day
sales-days-are-in-utc = The last 30 days, in UTC
sales-day = Day
sales-kept = What you keep of a film at { $price }
sales-kept-here = This store
sales-kept-elsewhere = { $store } ({ $source })
sales-kept-reported = { $store } (as others report it)
sales-kept-how = For one copy paid by a card of the United States, tax not counted; Stripe takes 2.9 % and 30 cents. The terms of the others are as they stood in November 2026. Monthly plans, fees for foreign cards and for payouts are not counted.
sales-by-film = By film
sales-sold = Sold
sales-tax = Tax
sales-returned = Returned
sales-exchanged = Exchanged
sales-payment-fees = Payment fees
sales-this-store = This store
sales-all-in = All, in { $currency }
sales-payment-fees-are-what = Payment fees are what was really taken, for payments and for disputes, as far as it is known. Returned is what went back to buyers by refunds and disputes. All figures come from the books, which are never changed, only added to.

title-see-it-in-the = See it in the shop
title-not-published-yet-first = Not published yet. First:
title-of-done = { $done } of { $len } done
title-done = Done:
title-open = Open:
title-details = Details
title-save-the-details = Save the details
title-put-the-new-film = Put the new film on sale
title-put-it-on-sale = Put it on sale again
title-publish = Publish
title-the-film-on-sale = The film on sale is an older one. Buyers get the new film when you have signed for it.
title-the-steps-above-come = The steps above come first.
title-fingerprint-of-the-film = Fingerprint of the film:
title-i-declare-this = I declare this.
title-your-full-name-as = Your full name, as a signature
title-we-keep-it-with = We keep it with the words above, the time, your network address and the fingerprint.
title-sign-and-publish = Sign and publish
title-on-sale = On sale
title-signed-by = Signed by
title-signed = Signed
title-withdrawing-takes-the-film = Withdrawing takes the film out of the shop. Whoever bought it keeps it.
title-withdraw-from-sale = Withdraw from sale
title-poster = Poster
title-the-poster-of = The poster of { $title-name }
title-picture = Picture
title-jpeg-png-or-webp = JPEG, PNG or WebP up to 10 MiB. It is cut to two by three around the middle.
title-replace-the-poster = Replace the poster
title-store-takes = { $percent } % of the price of each sale.
title-use-this-picture = Use this picture

# The checklist to publishing: steps, and what is needed first.
step-film-upload = Upload the film
step-film-go-on = Go on
step-film-look = Look
step-film-upload-again = Upload again
step-film-details = Details
step-poster-done = The poster is in place.
step-poster-why = The shop shows films by their posters.
step-poster-choose = Choose a poster
step-price-done = Sold for { $price }.
step-price-why = What it costs to buy the film.
step-price-change = Change
step-price-set = Set a price
step-address = Confirmed e-mail address
step-address-done = Your studio can be reached.
step-address-why = Buyers must be able to reach you: open the link in the mail we sent.
step-payments = Getting paid
step-payments-do = Set it up
step-payments-done = Sales are paid to your own Stripe account.
step-payments-why = Connect the Stripe account to which your sales are paid.
step-payments-begun = Stripe still has questions about your account.
step-payments-restricted = Stripe does not let your account take payments at the moment.
step-payments-cut-off = The connection to your Stripe account has ended.
step-rights = Rights signed
step-rights-done = Signed for this film.
step-rights-why = You sign that your studio may sell this film.
need-upload = Upload the film.
need-finish-upload = Finish the upload of the film.
need-wait-for-check = Wait until the film has been checked.
need-playable-film = Upload a film that browsers can play.
need-poster = Choose a poster.
need-price = Set a price.
need-account = Connect a Stripe account.
need-finish-account = Answer Stripe’s questions about your account.
need-clear-account = See what Stripe still needs for your account.
need-address = Confirm your e-mail address: open the link in the mail we sent.

upload-upload-of = Upload of { $title-name }
upload-film-of = Film of { $title-name }
upload-how-it-stands = How it stands
upload-part-of-the-film = Part of the film that is here
upload-runtime = Runtime
upload-size = Size
upload-picture = Picture
upload-sound = Sound
upload-buyers-still-get-the = Buyers still get the film that is on sale. <publish-card>Sign for the new one to replace it.</publish-card>
upload-back-to-the-checklist = Back to the checklist
upload-send-another-film = Send another film
upload-send-the-film = Send the film
upload-pixels = { $width } × { $height } pixels

film-state-nothing = It is sealed on your computer and then sent.
film-state-receiving = { $percent } % are here. If the upload stopped, choose the same file again and it goes on.
film-state-spoiled = What arrived was not what was sealed. Please upload the film again.
film-state-checking = Everything is here. We check that browsers can play it.
film-state-refused = { $why }
film-state-playable = Sealed and playable: { $runtime }, { $width } × { $height }.

## Studios

invitation-over-this-invitation-is-over = This invitation is over
invitation-over-it-was-used-taken = It was used, taken back, or is too old. Ask the studio for a new one.
invitation-over-go-to-the-films = Go to the films

join-join = Join { $studio-name }
join-you-will-work-on = You will work on the studio's films and offers, with the account you are signed in with.
join-join-the-studio = Join the studio

open-studio-sell-your-films-straight = Sell your films straight to the people who watch them. Opening costs nothing.
open-studio-name-of-the-studio = Name of the studio
open-studio-as-buyers-see-it = As buyers see it beside your films.
open-studio-your-name = Your name
open-studio-confirm-it-by-the = Confirm it by the mail we send before you sell.
open-studio-open-the-studio = Open the studio
open-studio-have-an-account-already = Have an account already? <login>Sign in first</login>.

payments-getting-paid = Getting paid
payments-operator = This shop is paid through its operator’s account
payments-operator-why = What buyers pay goes to the Stripe account of whoever runs this shop. You need no account of your own.
payments-none = Connect your Stripe account to sell
payments-none-why = The money of each sale goes straight from the buyer to an account of your own at Stripe, and from there to your bank. This store never holds it. Until an account is connected, your films cannot be published or bought.
payments-begun = Stripe still has questions
payments-begun-why = Your account exists, and not everything is answered yet. You can go on where you stopped. Until then your films cannot be published or bought.
payments-restricted = Stripe does not let your account take payments at the moment
payments-restricted-why = Either Stripe still looks at your answers, or it needs something more from you. Until that is settled your films cannot be bought; films that were bought stay with their buyers.
payments-ready = You are ready to sell
payments-ready-why = What buyers pay goes straight to your own Stripe account. You change your bank account, and see each payout, in your dashboard at Stripe.
payments-cut-off = The connection to your Stripe account has ended
payments-cut-off-why = It was ended in your Stripe dashboard or by Stripe, so your films cannot be bought at the moment. Films that were bought stay with their buyers. Refunds of earlier sales are made in your dashboard at Stripe.
payments-connect = Connect with Stripe
payments-go-on = Go on at Stripe
payments-see = See what Stripe needs
payments-connect-anew = Connect an account
payments-stripe-asks = You go to Stripe, which asks who you are and where your money should go, and come back here. We never see those answers.
payments-only-the-owner = Only the owner of the studio can do this.
payments-your-account = Your account
payments-account-at-stripe = Account at Stripe
payments-settles-in = Settles in
payments-country = Country
payments-as-of = As of
payments-ask-again = Ask Stripe again
payments-what-the-store-takes = What this store takes
payments-store-takes-nothing = Nothing. This store takes no share of your sales.
payments-store-takes = { $percent } % of the price of each sale. Of { $price } that is { $share }.
payments-store-takes-untaxed = { $percent } % of each sale, tax not counted. Of { $price } without tax that is { $share }.
payments-how-it-is-taken = Stripe hands the share over when the buyer pays; there are no bills. When a buyer gets money back, the store gives its share of that back too.
payments-tax = Sales tax and VAT
payments-tax-why = Stripe can work out the tax of each sale from where the buyer is. Your prices stay what buyers pay: the tax is taken out of them, and stands apart in your sales and statements. You register and file where you owe it; turn on Stripe Tax in your dashboard at Stripe first.
payments-tax-on = Let Stripe work out the tax of my sales
payments-tax-save = Save
payments-tax-is-on = Stripe works out the tax of your sales.
payments-tax-is-off = No tax is worked out for your sales.
payments-stripe-fees = Stripe’s own fees for taking the payment are between you and Stripe, and stand on your sales page.

team-team = Team
team-members = Members
team-e-mail = E-mail
team-role = Role
team-since = Since
team-remove = Remove { $name }
team-remove-2 = Remove
team-invited = Invited
team-until = Until
team-take-back-the-invitation = Take back the invitation of { $email }
team-take-back = Take back

role-owner = Owner
role-editor = Editor
team-invite-somebody = Invite somebody
team-an-editor-works-on = An editor works on films and offers. Only owners change the team.
team-send-the-invitation = Send the invitation

tokens-api-tokens = API tokens
tokens-a-token-lets-a = A token lets a program act for { $studio-name }, such as <code>matinee upload</code> on the machine where your films are.
tokens-your-new-token = Your new token
tokens-copy-it-now-it = Copy it now. It is shown this once; if it is lost, make another.
tokens-give-it-to-the = Give it to the program as the environment variable <code>MATINEE_TOKEN</code>.
tokens-make-a-token = Make a token
tokens-what-it-is-for = What it is for, such as the name of a machine.
tokens-tokens-in-use = Tokens in use
tokens-there-are-none-yet = There are none yet. You need one only for uploads from the command line.
tokens-begins-with = Begins with
tokens-made = Made
tokens-last-used = Last used
tokens-never = Never
tokens-revoke = Revoke { $name }
tokens-revoke-2 = Revoke

## Mail of the demo

dev-mail-mail-of-the-demo = Mail of the demo
dev-mail-nothing-leaves-this-machine = Nothing leaves this machine: what the store would send is kept here.
dev-mail-no-mail-yet-sign = No mail yet. Sign up or buy a film, and it appears here.
dev-mail-to = to { $recipient }, { $minute }
dev-mail-all-mail = All mail
dev-mail-to-2 = To { $recipient }, { $minute }

## Mail

mail-hello = Hello,
mail-hello-name = Hello { $name },
mail-if-the-button = If the button does not work, open this address:

mail-confirm-subject = Confirm your e-mail address
mail-confirm-why = Welcome. Please confirm that this address is yours, so that receipts reach you.
mail-confirm-button = Confirm my address
mail-confirm-note = The link works for seven days. If you did not sign up, ignore this mail: nothing happens without the link.

mail-known-subject = You have an account already
mail-known-why = Somebody, most likely you, tried to sign up with this address. It has an account already, so no second one was made.
mail-known-button = Sign in
mail-known-forgotten = Forgotten your password? Choose a new one: { $link }
mail-known-note = If it was not you, there is nothing to do: nobody got into your account.

mail-reset-subject = Choose a new password
mail-reset-why = Somebody, most likely you, asked for a new password for your account.
mail-reset-note = The link works once, for one hour. If it was not you, ignore this mail: your password stays as it is.

mail-password-changed-subject = Your password was changed
mail-password-changed-when = The password of your account was changed on { $when }. Every device was signed out.
mail-password-changed-note = If it was not you, choose a new one at once: { $link }

mail-move-subject = Confirm your new e-mail address
mail-move-why = Somebody, most likely you, wants to use this address for an account with us.
mail-move-button = Use this address
mail-move-note = The link works for one day. If it was not you, ignore this mail: nothing changes without the link.

mail-moved-subject = Your e-mail address was changed
mail-moved-now-uses = Your account now uses { $email }. From now on, mail goes there.
mail-moved-note = If it was not you, please answer this mail at once.

mail-payments-ended = Your films cannot be bought at the moment
mail-payments-ended-why = The connection between this store and your Stripe account has ended, in your Stripe dashboard or by Stripe. Until you connect an account, your films cannot be bought. Films that were bought stay with their buyers.
mail-payments-stopped = Your films cannot be bought at the moment
mail-payments-stopped-why = Stripe does not let your account take payments at the moment; it usually needs something from you. Until that is settled, your films cannot be bought. Films that were bought stay with their buyers.
mail-payments-ready = Your films can be bought
mail-payments-ready-why = Stripe lets your account take payments. What buyers pay from now on goes straight to it.
mail-invitation-subject = { $studio } invites you
mail-invitation-why = You are invited to work on the films of { $studio } in their store.
mail-invitation-note = The link works once, for seven days. If you do not know the studio, ignore this mail.

mail-receipt-subject = Your receipt for { $film }
mail-receipt-thanks = Thank you. The film is yours to watch, as often as you like.
mail-receipt-date = Date
mail-receipt-button = Watch it now
mail-receipt-note = You find this receipt again at { $link }
mail-refund-subject = Your refund for { $film }
mail-refund-on-its-way = Money is on its way back to you. Banks take a few days to show it.
mail-refund-refunded = Refunded
mail-refund-of = Of
mail-refund-button = See the order
mail-receipt-licence = You bought a licence to watch this film, not the film itself.
mail-receipt-consent = On { $when } you asked that the film is there at once, and agreed that your right of withdrawal ends when it begins to run (words of { $version }).
mail-receipt-no-consent = You may withdraw from this purchase within 14 days, without giving a reason.
mail-receipt-withdraw = To withdraw, use the page of the order, or { $link } without signing in.
mail-withdrawal-subject = You have withdrawn from { $film }
mail-withdrawal-we-have-it = We have received your withdrawal. The money goes back the way it came, and the film has left your library.
mail-withdrawal-declared = Received
mail-withdraw-link-subject = Withdraw from { $film }
mail-withdraw-link-why = Somebody, most likely you, wants to withdraw from this purchase. One click on the next page does it.
mail-withdraw-link-note = The link works once, for 24 hours. If it was not you, ignore this mail: nothing happens.
