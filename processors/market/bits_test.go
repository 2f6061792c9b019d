package market_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/touchline/touchline/processors/market"
)

// TestFitsAreTheSameToTheLastBit: forecasts are derived again from the log and compared byte for byte, so where the
// search begins, when it ends and in which order it sums are part of the result, although none of them matters to a
// reader.
func TestFitsAreTheSameToTheLastBit(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the values are those of amd64: other processors multiply and add in one step, and round once")
	}
	tests := []struct {
		odds        [3]float64
		over, under float64
		want        string
	}{
		{[3]float64{2.1, 3.4, 3.6}, 1.95, 1.9,
			"0.46017445786048805 0.4586657159613356 0.49312575938201225 1.5380783988318252 1.108201661584393 " +
				"-0.09851461738822544"},
		{[3]float64{1.14, 9.52, 19.18}, 1.5, 2.6,
			"0.8688487080125643 0.8612408756443475 0.6446499375340579 2.8663802783420134 0.45399946820974724 " +
				"0.1249254904628489"},
		{[3]float64{7.5, 4.6, 1.45}, 1.7, 2.15,
			"0.12087735676746035 0.12204624261777362 0.5631852638146595 0.7971769931009448 2.1426100434865063 " +
				"-0.06595280556673778"},
		{[3]float64{1.01, 21, 51}, 1.2, 4.5,
			"0.9854874316514656 0.9621008157410599 0.815012558921479 4.8457671238890105 0.1814025991273399 0.2"},
		{[3]float64{2.9, 3.1, 2.6}, 2.3, 1.62,
			"0.3274638644968907 0.32756015833908547 0.40639285060570546 1.1143014030625293 1.1948738824176313 " +
				"-0.08550879046816662"},
		{[3]float64{1.6, 4, 5.75}, 0, 0,
			"0.6094848514312233 0.6054030230645907 -1 1.9003752787588604 0.8669193571280878 -0.07"},
		{[3]float64{4.2, 3.3, 2}, 0, 0,
			"0.22480019820819494 0.22550020790348524 -1 0.8781727661551267 1.413706241906255 -0.07"},
		{[3]float64{2.75, 2.9, 2.95}, 2.6, 1.5,
			"0.3477798442365773 0.34765103159885236 0.3553500624659421 1.0832612040846021 1.0351959380303069 " +
				"-0.1155166608415153"},
		{[3]float64{1.3, 5.5, 11}, 1.6, 2.3,
			"0.7571914813164751 0.7509054450337213 0.5979752210368051 2.4259410865292956 0.6700811875596493 " +
				"-0.06455116994913424"},
		{[3]float64{3.3, 3.35, 2.25}, 1.85, 2,
			"0.287711089648188 0.2882181081406609 0.5206654778680794 1.2239732591516514 1.5348165430041767 " +
				"-0.13342058459197176"},
	}
	for _, tt := range tests {
		p, _ := market.Power(tt.odds[0], tt.odds[1], tt.odds[2])
		shin, _ := market.Shin(tt.odds[0], tt.odds[1], tt.odds[2])
		over, ok := market.PowerOver(tt.over, tt.under)
		if !ok {
			over = market.NoOver
		}
		fit := market.Fit(p, over, -0.07)
		if got := fmt.Sprint(p.Home, shin.Home, over, fit.Home, fit.Away, fit.Rho); got != tt.want {
			t.Errorf("%v:\ngot  %s\nwant %s", tt.odds, got, tt.want)
		}
	}
}
