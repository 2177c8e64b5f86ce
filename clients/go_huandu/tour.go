// A bot in the style of the Go package huandu/facebook: form bodies whose values are JSON, the token in the form, format=json
// everywhere, DELETE as POST with method=DELETE, uploads as multipart with the token as a field, batch as a JSON string.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"time"
)

const picture = "https://shop.example/img.png"

type params map[string]any

type graphError struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Code    int    `json:"code"`
	Subcode int    `json:"error_subcode"`
}

func (e *graphError) Error() string {
	return fmt.Sprintf("%d/%d %s", e.Code, e.Subcode, e.Message)
}

type session struct{ token string }

func (s session) base(path string) string {
	return os.Getenv("GRAPH_API_BASE") + "/v19.0/" + path
}

func (s session) form(p params) url.Values {
	mac := hmac.New(sha256.New, []byte(os.Getenv("APP_SECRET")))
	mac.Write([]byte(s.token))
	form := url.Values{"access_token": {s.token}, "format": {"json"}, "appsecret_proof": {hex.EncodeToString(mac.Sum(nil))}}
	for key, value := range p {
		if text, ok := value.(string); ok {
			form.Set(key, text)
		} else {
			encoded, _ := json.Marshal(value)
			form.Set(key, string(encoded))
		}
	}
	return form
}

func decode(response *http.Response, problem error) (any, error) {
	if problem != nil {
		return nil, problem
	}
	defer response.Body.Close()
	content, problem := io.ReadAll(response.Body)
	if problem != nil {
		return nil, problem
	}
	var failed struct {
		Error *graphError `json:"error"`
	}
	if json.Unmarshal(content, &failed) == nil && failed.Error != nil {
		return nil, failed.Error
	}
	var answer any
	problem = json.Unmarshal(content, &answer)
	return answer, problem
}

func (s session) get(path string, p params) (any, error) {
	return decode(http.Get(s.base(path) + "?" + s.form(p).Encode()))
}

func (s session) post(path string, p params) (any, error) {
	return decode(http.PostForm(s.base(path), s.form(p)))
}

func (s session) delete(path string, p params) (any, error) {
	if p == nil {
		p = params{}
	}
	p["method"] = "DELETE"
	return s.post(path, p)
}

func (s session) upload(path string, p params, name, contentType string, content []byte) (any, error) {
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	for key, values := range s.form(p) {
		writer.WriteField(key, values[0])
	}
	part, _ := writer.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="filedata"; filename="` + name + `"`},
		"Content-Type":        {contentType},
	})
	part.Write(content)
	writer.Close()
	return decode(http.Post(s.base(path), writer.FormDataContentType(), &body))
}

type step struct {
	name  string
	call  func() (any, error)
	check func(answer any) bool // nil when an error is wanted
	code  int
}

func has(keys ...string) func(any) bool {
	return func(answer any) bool {
		object, ok := answer.(map[string]any)
		for _, key := range keys {
			_, there := object[key].(string)
			ok = ok && there
		}
		return ok
	}
}

func is(text string) func(any) bool {
	return func(answer any) bool {
		encoded, _ := json.Marshal(answer)
		return string(encoded) == text
	}
}

func steps(page session, psid string) []step {
	to := params{"id": psid}
	sent := has("recipient_id", "message_id")
	done := is(`{"result":"success"}`)
	postback := params{"type": "postback", "title": "Valikko", "payload": "MENU"}
	send := func(message params) func() (any, error) {
		return func() (any, error) {
			return page.post("me/messages", params{"messaging_type": "RESPONSE", "recipient": to, "message": message})
		}
	}
	template := func(payload params) params {
		return params{"attachment": params{"type": "template", "payload": payload}}
	}
	generic := params{"template_type": "generic", "elements": []params{
		{"title": "Kuparikannu", "subtitle": "1,5 l", "image_url": picture, "buttons": []params{postback}}}}
	buttons := params{"template_type": "button", "text": "Mitä saisi olla?", "buttons": []params{postback}}
	batch := []params{
		{"method": "POST", "relative_url": "me/messages", "body": `recipient={"id":"` + psid + `"}&message={"text":"yksi"}`},
		{"method": "GET", "relative_url": "me?fields=name"},
		{"method": "POST", "relative_url": "me/messages", "body": `recipient={"id":"1"}&message={"text":"kaksi"}`},
	}
	persona := ""
	return []step{
		{"text", send(params{"text": "Hyvää päivää 😀"}), sent, 0},
		{"quick replies", send(params{"text": "Väri?", "quick_replies": []params{
			{"content_type": "text", "title": "Punainen", "payload": "RED"}}}), sent, 0},
		{"image", send(params{"attachment": params{"type": "image", "payload": params{"url": picture}}}), sent, 0},
		{"generic template", send(template(generic)), sent, 0},
		{"button template", send(template(buttons)), sent, 0},
		{"typing", func() (any, error) {
			return page.post("me/messages", params{"recipient": to, "sender_action": "typing_on"})
		}, is(`{"recipient_id":"` + psid + `"}`), 0},
		{"upload", func() (any, error) {
			return page.upload("me/message_attachments", params{"message": params{"attachment": params{
				"type": "file", "payload": params{"is_reusable": true}}}}, "f.pdf", "application/pdf", []byte("%PDF-1.4\n%%EOF\n"))
		}, has("attachment_id"), 0},
		{"send a file", func() (any, error) {
			return page.upload("me/messages", params{"recipient": to, "message": params{"attachment": params{
				"type": "file", "payload": params{}}}}, "f.pdf", "application/pdf", []byte("%PDF-1.4\n%%EOF\n"))
		}, sent, 0},
		{"user", func() (any, error) { return page.get(psid, params{"fields": "first_name,last_name"}) }, has("first_name"), 0},
		{"get started", func() (any, error) {
			return page.post("me/messenger_profile", params{"get_started": params{"payload": "GO"}})
		}, done, 0},
		{"delete profile", func() (any, error) {
			return page.delete("me/messenger_profile", params{"fields": []string{"get_started"}})
		}, done, 0},
		{"persona", func() (any, error) {
			answer, problem := page.post("me/personas", params{"name": "Maija", "profile_picture_url": picture})
			if object, ok := answer.(map[string]any); ok {
				persona, _ = object["id"].(string)
			}
			return answer, problem
		}, has("id"), 0},
		{"text, persona", func() (any, error) {
			return page.post("me/messages", params{"recipient": to, "message": params{"text": "Maija"}, "persona_id": persona})
		}, sent, 0},
		{"delete persona", func() (any, error) { return page.delete(persona, nil) }, is(`{"success":true}`), 0},
		{"batch", func() (any, error) {
			answer, problem := page.post("", params{"batch": batch})
			codes := []any{}
			if list, ok := answer.([]any); ok {
				for _, item := range list {
					codes = append(codes, item.(map[string]any)["code"])
				}
			}
			return codes, problem
		}, is(`[200,200,400]`), 0},
		{"error: nobody has this id", func() (any, error) {
			return page.post("me/messages", params{"recipient": params{"id": "1"}, "message": params{"text": "Hei"}})
		}, nil, 100},
		{"error: recipient is no JSON", func() (any, error) {
			return page.post("me/messages", params{"recipient": "{", "message": params{"text": "Hei"}})
		}, nil, 100},
		{"error: bad token", func() (any, error) { return session{"EAAnotatoken"}.get("me", nil) }, nil, 190},
	}
}

func (s step) outcome() string {
	answer, problem := s.call()
	failure, isGraph := problem.(*graphError)
	switch {
	case s.check == nil && isGraph && failure.Code == s.code:
		return ""
	case problem != nil:
		return problem.Error()
	case s.check == nil:
		return fmt.Sprintf("expected error %d, got %v", s.code, answer)
	case !s.check(answer):
		return fmt.Sprintf("answer %v", answer)
	}
	return ""
}

func walk(list []step) int {
	var failed []string
	for _, s := range list {
		if outcome := s.outcome(); outcome != "" {
			failed = append(failed, s.name)
			fmt.Println("not ok", s.name, "-", outcome)
		} else {
			fmt.Println("ok", s.name)
		}
	}
	if len(failed) > 0 {
		fmt.Printf("%d failed: %s\n", len(failed), strings.Join(failed, "; "))
		return 1
	}
	fmt.Println("all as wanted")
	return 0
}

type event struct {
	Sender  struct{ ID string }
	Message *struct {
		Text   string
		IsEcho bool `json:"is_echo"`
	}
}

func receive(people chan<- string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if r.FormValue("hub.verify_token") == os.Getenv("VERIFY_TOKEN") {
				io.WriteString(w, r.FormValue("hub.challenge"))
			}
			return
		}
		content, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(os.Getenv("APP_SECRET")))
		mac.Write(content)
		if r.Header.Get("X-Hub-Signature-256") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		var body struct {
			Entry []struct{ Messaging []event }
		}
		json.Unmarshal(content, &body)
		for _, entry := range body.Entry {
			for _, e := range entry.Messaging {
				if e.Message != nil && e.Message.Text != "" && !e.Message.IsEcho {
					select {
					case people <- e.Sender.ID:
					default:
					}
				}
			}
		}
	}
}

func main() {
	people := make(chan string, 1)
	http.HandleFunc("/webhook", receive(people))
	go func() {
		fmt.Fprintln(os.Stderr, http.ListenAndServe("127.0.0.1:"+os.Getenv("WEBHOOK_PORT"), nil))
		os.Exit(2)
	}()
	select {
	case psid := <-people:
		os.Exit(walk(steps(session{os.Getenv("PAGE_ACCESS_TOKEN")}, psid)))
	case <-time.After(time.Minute):
		fmt.Println("not ok nobody wrote to the page within a minute")
		os.Exit(1)
	}
}
