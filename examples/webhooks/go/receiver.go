package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

var handled sync.Map

func main() {
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil || webhook.Verify(body, request.Header) != nil {
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		id := request.Header.Get("webhook-id")
		if _, repeated := handled.LoadOrStore(id, true); !repeated {
			fmt.Println(id, string(body))
		}
		response.WriteHeader(http.StatusNoContent)
	})
	port := cmp.Or(os.Getenv("PORT"), "9000")
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
